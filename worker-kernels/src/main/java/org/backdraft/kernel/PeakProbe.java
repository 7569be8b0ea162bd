package org.backdraft.kernel;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.kernel.tile.RegisterChains;
import org.backdraft.tensor.Checks;

/**
 * Measures how fast this machine multiplies and adds when nothing comes from memory: chains of
 * vector FMAs that live in registers. What kernels reach is told as a share of it.
 */
public final class PeakProbe {
  private static final String MODULE = "jdk.incubator.vector";
  private static final int WINDOWS = 3;

  private PeakProbe() {}

  /**
   * The most that {@code threads} threads did together in one of three windows of time.
   *
   * @param threads at least 1
   * @param windowMillis how long a window takes; the JIT compiler is warmed up before the first
   * @return 10^9 floating-point operations a second, an FMA counted as two; empty where the vector
   *     module is absent
   */
  public static OptionalDouble gflops(int threads, long windowMillis) throws InterruptedException {
    Checks.argument(threads >= 1, "threads must be at least 1: got %d.", threads);
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return OptionalDouble.empty();
    }
    ExecutorService pool =
        Executors.newFixedThreadPool(threads, new NamedThreadFactory("peak-probe"));
    try {
      window(pool, threads, windowMillis);
      double best = 0;
      for (int i = 0; i < WINDOWS; i++) {
        best = Math.max(best, window(pool, threads, windowMillis));
      }
      return OptionalDouble.of(best);
    } finally {
      pool.shutdownNow();
    }
  }

  private static double window(ExecutorService pool, int threads, long windowMillis)
      throws InterruptedException {
    List<Callable<Double>> tasks = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      tasks.add(() -> oneThread(windowMillis * 1_000_000));
    }
    double sum = 0;
    for (Future<Double> rate : pool.invokeAll(tasks)) {
      try {
        sum += rate.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("The vector instructions cannot be measured.", e);
      }
    }
    return sum;
  }

  private static double oneThread(long nanos) {
    long began = System.nanoTime();
    long elapsed;
    double operations = 0;
    float seed = 1;
    do {
      // The result feeds the next call: nothing can be left out.
      seed = RegisterChains.run(seed);
      operations += RegisterChains.operations();
      elapsed = System.nanoTime() - began;
    } while (elapsed < nanos);
    if (!Float.isFinite(seed)) {
      throw new AssertionError("The chains must converge: got " + seed);
    }
    return operations / elapsed;
  }
}
