package org.backdraft.jobs.train;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import org.backdraft.comm.algorithm.ExchangeCost;
import org.backdraft.data.BlockReader;
import org.backdraft.data.DataSource;
import org.backdraft.data.RecordBlock;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.NetworkFactory;
import org.backdraft.driver.SyncMemory;
import org.backdraft.driver.TrainingOutline;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.MemoryText;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.plan.Plan;
import org.backdraft.zoo.NetworkSummary;

/** Does all that {@code train} does before it trains, and tells what it found. */
final class DryRun {
  private static final int MOST_PROBED = 4096;

  private final TrainingConfig config;
  private final NetworkFactory factory;
  private final Cluster.Provider clusters;
  private final int workers;
  private final int threads;

  /** What a look at the first examples shows; bytes as they are in the file. */
  private record Probe(int examples, int classes, int least, int most, double mean) {}

  DryRun(TrainingConfig config, NetworkFactory factory, Cluster.Provider clusters) {
    this.config = config;
    this.factory = factory;
    this.clusters = clusters;
    this.workers = Math.max(1, config.train().workers());
    this.threads =
        config.train().threads() > 0
            ? config.train().threads()
            : Math.max(1, Runtime.getRuntime().availableProcessors() / workers);
  }

  /** Checks, and prints to {@code out}. */
  int print(PrintWriter out, boolean json) throws IOException {
    KernelLookup.Choice kernels = KernelLookup.choose();
    TrainingOutline outline =
        TrainingOutline.of(config, factory, clusters, kernels.kernels(), workers, threads);
    Probe training = probe(outline.training());
    Probe validation = probe(outline.validation());
    out.print(json ? json(outline, training, validation) : text(outline, training, validation));
    return 0;
  }

  private String text(TrainingOutline outline, Probe training, Probe validation) {
    NetworkSummary summary = NetworkSummary.of(outline.network());
    return data("train", outline.training(), training)
        + data("val", outline.validation(), validation)
        + "model  %s  %d layers  %s parameters (%s)  %s multiply-adds an example%n"
            .formatted(
                summary.name(),
                summary.layers().size(),
                Amounts.count(summary.parameters()),
                Amounts.bytes(4 * summary.parameters()),
                Amounts.si((double) summary.multiplyAdds()))
        + "plan   global batch %d in %d leaves over %d worker(s) x %d thread(s)%s  %s steps an epoch  %d epoch(s)%n"
            .formatted(
                outline.globalBatch(),
                config.leaves().count(),
                workers,
                threads,
                pieces(outline.plan()),
                Amounts.count(outline.stepsPerEpoch()),
                config.train().epochs())
        + (outline.sync().shards() == 0 ? exchange(outline) : server(outline.sync()))
        + checkpoints(outline.checkpoints())
        + "%nMemory of a worker, beside %s of data at hand at most:%n%s"
            .formatted(
                Amounts.bytes(config.data().cacheBytes()), MemoryText.of(outline.plan().memory()));
  }

  private String checkpoints(SyncMemory saving) {
    return saving.workerBytes() == 0
        ? ""
        : "save   %s  %s more of each worker's memory, %s of the driver's%n"
            .formatted(
                config.checkpoint().every(),
                Amounts.bytes(saving.workerBytes()),
                Amounts.bytes(saving.driverBytes()));
  }

  private static String pieces(Plan plan) {
    return plan.pieceCount() == 1
        ? ""
        : ", in %d pieces of at most %d examples"
            .formatted(plan.pieceCount(), plan.pieceCapacity());
  }

  private String exchange(TrainingOutline outline) {
    if (workers == 1) {
      return "";
    }
    ExchangeCost cost = outline.cost();
    String text =
        String.format(
            Locale.ROOT,
            "sync   %s  %s sent a step by the busiest of %d workers%s%n",
            outline.algorithm().word(),
            Amounts.bytes(cost.sentBytes()),
            workers,
            economy());
    int[] batchSums = outline.plan().batchSums();
    if (batchSums.length > 0) {
      text +=
          "       %d sums of batch normalization a step, %s of them in all, which the passes wait for%n"
              .formatted(batchSums.length, Amounts.bytes(bytes(batchSums)));
    }
    if (outline.sync().workerBytes() > 0) {
      text +=
          "       %s more of each worker's memory for it%n"
              .formatted(Amounts.bytes(outline.sync().workerBytes()));
    }
    if (cost.extraBytes() == 0 && cost.imbalance() == 1) {
      return text;
    }
    return text
        + String.format(
            Locale.ROOT,
            "       %d workers are no power of two: %s of it are extra, and the longest run of leaves"
                + " takes %.0f%% longer than an even split%n",
            workers,
            Amounts.bytes(cost.extraBytes()),
            100 * (cost.imbalance() - 1));
  }

  private static long bytes(int[] floats) {
    return (long) Float.BYTES * IntStream.of(floats).sum();
  }

  /** What makes it fewer bytes than those of an all-reduce. */
  private String economy() {
    SyncConfig sync = config.sync();
    if (sync.averageEvery() > 1) {
      return ", were it not for sync.average-every=" + sync.averageEvery();
    }
    return sync.compression().equals("none")
        ? ""
        : ", were it not for sync.compression=" + sync.compression();
  }

  private String server(SyncMemory server) {
    String workers = Amounts.bytes(server.workerBytes()) + " of each worker's memory";
    boolean inDriver = server.driverBytes() > 0;
    return "server %s, %d shard(s) in the %s  %s%n"
        .formatted(
            config.sync().consistency(),
            server.shards(),
            inDriver ? "driver" : "executors",
            inDriver
                ? workers + ", " + Amounts.bytes(server.driverBytes()) + " of the driver's"
                : workers);
  }

  private static String data(String name, DataSource source, Probe probe) {
    return String.format(
        Locale.ROOT,
        "%-6s %s  %s examples of %s  %d classes  the first %d: %d classes, bytes %d to %d, mean %.1f%n",
        name,
        source.uri(),
        Amounts.count(source.examples()),
        source.shape(),
        source.classes().size(),
        probe.examples(),
        probe.classes(),
        probe.least(),
        probe.most(),
        probe.mean());
  }

  private String json(TrainingOutline outline, Probe training, Probe validation) {
    NetworkSummary summary = NetworkSummary.of(outline.network());
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("model", summary.name());
    values.put("input", outline.network().input().toString());
    values.put("classes", outline.training().classes().size());
    values.put("train_examples", outline.training().examples());
    values.put("val_examples", outline.validation().examples());
    values.put("parameters", summary.parameters());
    values.put("multiply_adds", summary.multiplyAdds());
    values.put("batch", outline.globalBatch());
    values.put("leaves", config.leaves().count());
    values.put("pieces", outline.plan().pieceCount());
    values.put("piece_examples", outline.plan().pieceCapacity());
    values.put("workers", workers);
    values.put("threads", threads);
    values.put("steps_per_epoch", outline.stepsPerEpoch());
    values.put("epochs", config.train().epochs());
    values.put("algorithm", outline.algorithm().word());
    values.put("sent_bytes_per_step", outline.cost().sentBytes());
    values.put("extra_bytes_per_step", outline.cost().extraBytes());
    values.put("leaf_imbalance", (float) outline.cost().imbalance());
    values.put("batch_sums_per_step", outline.plan().batchSums().length);
    values.put("batch_sum_bytes_per_step", bytes(outline.plan().batchSums()));
    values.put("shards", outline.sync().shards());
    values.put("sync_driver_bytes", outline.sync().driverBytes());
    values.put("sync_worker_bytes", outline.sync().workerBytes());
    values.put("checkpoint_driver_bytes", outline.checkpoints().driverBytes());
    values.put("checkpoint_worker_bytes", outline.checkpoints().workerBytes());
    values.put("memory", MemoryText.map(outline.plan().memory()));
    values.put("train_probe", map(training));
    values.put("val_probe", map(validation));
    return Json.line(values) + "\n";
  }

  private static Map<String, Object> map(Probe probe) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("examples", probe.examples());
    values.put("classes", probe.classes());
    values.put("least_byte", probe.least());
    values.put("most_byte", probe.most());
    values.put("mean_byte", probe.mean());
    return values;
  }

  private Probe probe(DataSource source) throws IOException {
    int examples = Math.min(source.examples(), Math.min(MOST_PROBED, config.data().batch()));
    boolean[] seen = new boolean[source.classes().size()];
    long sum = 0;
    long count = 0;
    int least = 255;
    int most = 0;
    try (BlockReader reader = source.read(0, examples, examples)) {
      for (RecordBlock block = reader.next(); block != null; block = reader.next()) {
        for (int label : block.labels()) {
          seen[label] = true;
        }
        for (byte each : block.bytes()) {
          int value = Byte.toUnsignedInt(each);
          sum += value;
          least = Math.min(least, value);
          most = Math.max(most, value);
        }
        count += block.bytes().length;
      }
    }
    int classes = 0;
    for (boolean each : seen) {
      classes += each ? 1 : 0;
    }
    return new Probe(examples, classes, least, most, (double) sum / count);
  }
}
