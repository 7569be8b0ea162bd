package org.backdraft.comm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;

/** Runs the ranks of a gang as threads of the test. */
public final class RankThreads {
  /** What a rank does with its transport. */
  @FunctionalInterface
  public interface Body {
    void run(Transport transport) throws Exception;
  }

  private static final long LIMIT_SECONDS = 60;

  private RankThreads() {}

  /**
   * Runs {@code body} for every transport, closes them, and gives what each rank threw, or null.
   */
  public static List<Throwable> run(List<Transport> transports, Body body) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(transports.size(), new NamedThreadFactory("test-rank"));
    try {
      List<Future<?>> futures = new ArrayList<>();
      for (Transport transport : transports) {
        futures.add(
            threads.submit(
                () -> {
                  try (transport) {
                    body.run(transport);
                  }
                  return null;
                }));
      }
      List<Throwable> thrown = new ArrayList<>();
      for (Future<?> future : futures) {
        try {
          future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
          thrown.add(null);
        } catch (ExecutionException e) {
          thrown.add(e.getCause());
        }
      }
      return thrown;
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS))
          .as("every rank ends")
          .isTrue();
    }
  }

  /** As {@link #run}, where no rank may fail. */
  public static void runAll(List<Transport> transports, Body body) throws Exception {
    for (Throwable thrown : run(transports, body)) {
      if (thrown != null) {
        throw new AssertionError("a rank failed", thrown);
      }
    }
  }
}
