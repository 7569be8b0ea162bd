package org.backdraft.driver;

import java.util.Locale;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Plan;

/** Refuses a run whose workers' memory would not fit into their heaps, before it starts. */
final class MemoryCheck {
  /** What the JVM, Spark and the control plane need besides; small runs take less. */
  private static final long BASE_BYTES = 64L << 20;

  /** The batches that a loader keeps in turn. */
  private static final int BATCHES = 3;

  private MemoryCheck() {}

  /**
   * @param examples of the set that batches are cut from
   * @param cacheBytes of encoded blocks that each worker keeps at hand
   * @throws ConfigurationException naming the memory that is needed, and the option that gives it
   */
  static void check(
      ModelSpec model,
      int examples,
      long cacheBytes,
      Cluster.Placement placement,
      Kernels kernels) {
    long mostBytes = 0;
    for (int rank = 0; rank < placement.workers(); rank++) {
      Plan.Request request = model.request(rank, placement.workers(), examples);
      Plan plan;
      try {
        plan = Plan.compile(request, kernels);
      } catch (IllegalArgumentException e) {
        throw new ConfigurationException(
            "The model cannot be planned for data.batch=%d: %s"
                .formatted(model.globalBatch(), e.getMessage()),
            e);
      }
      long batchBytes =
          (long) BATCHES * request.capacity() * model.network().input().elements() * Float.BYTES;
      mostBytes = Math.max(mostBytes, plan.memory().totalBytes() + batchBytes + cacheBytes);
    }
    long neededBytes = BASE_BYTES + mostBytes * placement.workersPerJvm();
    if (neededBytes > placement.heapBytes()) {
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "The heap of a worker JVM must hold %d MB (%d worker(s) of '%s' with %d of %d examples"
                  + " a batch each): it has %d MB. Set %s%dm, a smaller data.batch, or more"
                  + " executors.",
              megabytes(neededBytes),
              placement.workersPerJvm(),
              model.network().name(),
              model.request(0, placement.workers(), examples).capacity(),
              model.globalBatch(),
              placement.heapBytes() >> 20,
              placement.heapOption(),
              megabytes(neededBytes + neededBytes / 8)));
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + (1L << 20) - 1) >> 20;
  }
}
