package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.concurrent.NamedThreadFactory;

/** Ranks as threads of this JVM, which copy from each other's arrays. */
final class SyncGang {
  /** What a rank does; its transport is closed for it, and what it throws is the outcome. */
  interface Body {
    String run(Transport transport) throws Exception;
  }

  /** How a rank ended: with a result, or with what it threw. */
  record Outcome(String result, Throwable thrown) {}

  private SyncGang() {}

  /** Runs all ranks to their end. */
  static List<Outcome> run(int workers, Body body) throws Exception {
    LocalGang gang = new LocalGang(workers, 0, Duration.ofSeconds(20));
    ExecutorService threads =
        Executors.newFixedThreadPool(workers, new NamedThreadFactory("test-rank"));
    try {
      List<Future<String>> futures = new ArrayList<>();
      for (int rank = 0; rank < workers; rank++) {
        Transport transport = gang.join(rank);
        futures.add(
            threads.submit(
                () -> {
                  try (transport) {
                    return body.run(transport);
                  }
                }));
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<String> future : futures) {
        outcomes.add(outcome(future));
      }
      return outcomes;
    } finally {
      threads.shutdownNow();
      assertThat(threads.awaitTermination(20, TimeUnit.SECONDS)).as("every rank ends").isTrue();
    }
  }

  private static Outcome outcome(Future<String> future) throws Exception {
    try {
      return new Outcome(future.get(60, TimeUnit.SECONDS), null);
    } catch (ExecutionException e) {
      return new Outcome(null, e.getCause());
    }
  }

  /** The threads that exchange beside those that compute. */
  static List<Thread> exchangeThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("backdraft-exchange-of-rank-"))
        .toList();
  }
}
