package org.backdraft.driver;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.backdraft.data.DataSource;
import org.backdraft.data.RecordFormat;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Plan;

/**
 * Refuses a run whose workers' memory would not fit into their heaps, before it starts: the plan,
 * the batches being prepared, the pictures being decoded, the record blocks that workers keep at
 * hand, and those that the cluster caches.
 */
final class MemoryCheck {
  /** What the JVM, Spark's own objects, exchange buffers and the control plane take besides. */
  private static final long BASE_BYTES = 64L << 20;

  /** The batches that a loader keeps in turn. */
  private static final int BATCHES = 3;

  /** Elements of the epoch's order: this epoch's and, while it is made, the next one's. */
  private static final int ORDERS = 2;

  /** Of the parameters in the driver beside its shards: first values, those of a table, results. */
  private static final int COPIES = 3;

  private MemoryCheck() {}

  /**
   * @param requests what the workers' plans are made for
   * @param sets that the workers read; batches are cut from the first, pieces from others
   * @param readsPieces whether workers read batches piece by piece
   * @param table of a parameter server
   * @throws ConfigurationException naming the memory that is needed, and the option that gives it
   * @throws IOException if data that says what it needs cannot be read
   */
  static void check(
      ModelSpec model,
      List<Plan.Request> requests,
      List<DataSource> sets,
      DataConfig config,
      boolean readsPieces,
      Cluster.Placement placement,
      SyncMemory table,
      Kernels kernels)
      throws IOException {
    checkDriver(model, placement, table);
    int examples = sets.get(0).examples();
    long atHandBytes = (long) ORDERS * examples * Integer.BYTES;
    long cachedBytes = 0;
    for (DataSource each : sets) {
      long setBytes = GangSetup.encodedBytes(each);
      atHandBytes += Math.min(config.cacheBytes(), setBytes) + each.decodingBytes();
      cachedBytes += setBytes;
    }
    long workerBytes = 0;
    for (Plan.Request request : requests) {
      Plan plan = plan(model, request, kernels);
      long batch = readsPieces ? plan.pieceCapacity() : request.capacity();
      long atOnce = batch + (sets.size() - 1L) * plan.pieceCapacity();
      RecordFormat format = sets.get(0).format();
      long elements =
          (long) model.network().input().elements() + format.labels() + format.targets();
      long batchBytes = BATCHES * atOnce * elements * Float.BYTES;
      workerBytes = Math.max(workerBytes, plan.memory().totalBytes() + batchBytes);
    }
    Cluster.Heap heap = placement.heap();
    long fixedBytes =
        BASE_BYTES
            + heap.mostWorkers() * (workerBytes + atHandBytes + table.workerBytes())
            + (placement.driver().holdsWorkers() ? table.driverBytes() : 0);
    long cachedPerJvm = (cachedBytes + heap.jvms() - 1) / heap.jvms();
    long neededBytes = heap.neededBytes(fixedBytes, cachedPerJvm);
    if (neededBytes > heap.bytes()) {
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "The heap of a worker JVM must hold %d MB (%d worker(s) of '%s' with %d of %d examples"
                  + " a batch each, and %d MB of cached data): it has %d MB. Set %s%dm, a smaller"
                  + " data.batch, more executors, or for training a larger train.accumulate or"
                  + " checkpoint.every=never.",
              megabytes(neededBytes),
              heap.mostWorkers(),
              model.network().name(),
              requests.get(0).capacity(),
              model.globalBatch(),
              megabytes(neededBytes - fixedBytes),
              heap.bytes() >> 20,
              heap.option(),
              megabytes(neededBytes + neededBytes / 8)));
    }
  }

  /** Where workers run in this JVM, their check counts its shards. */
  private static void checkDriver(ModelSpec model, Cluster.Placement placement, SyncMemory table) {
    Cluster.DriverHeap heap = placement.driver();
    if (table.driverBytes() == 0 || heap.holdsWorkers()) {
      return;
    }
    long modelBytes =
        (long) Float.BYTES
            * (model.network().parameterTable().size() + model.network().bufferTable().size());
    long neededBytes = BASE_BYTES + table.driverBytes() + COPIES * modelBytes;
    if (neededBytes > heap.bytes()) {
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "The driver's heap must hold %d MB (%s of the parameters of '%s', and copies of them): it"
                  + " has %d MB. Set %s%dm, or %s.",
              megabytes(neededBytes),
              table.shards() > 0 ? table.shards() + " shard(s)" : "checkpoints",
              model.network().name(),
              heap.bytes() >> 20,
              heap.option(),
              megabytes(neededBytes + neededBytes / 8),
              table.shards() > 0 ? "sync.placement=executors" : "checkpoint.every=never"));
    }
  }

  private static Plan plan(ModelSpec model, Plan.Request request, Kernels kernels) {
    try {
      return Plan.compile(request, kernels);
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(
          "The model cannot be planned for data.batch=%d: %s"
              .formatted(model.globalBatch(), e.getMessage()),
          e);
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + (1L << 20) - 1) >> 20;
  }
}
