package org.backdraft.jobs.bench;

import java.util.List;
import org.backdraft.jobs.options.DefaultOptimizer;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.scaling.Jitter;
import org.backdraft.scaling.StepCompute;
import picocli.CommandLine.Option;

/** How long a worker computes: as told, or as long as it takes here. */
final class ComputeOptions {
  private static final long SEED = 1;

  @Option(
      names = "--compute-ms",
      paramLabel = "T",
      description = "Forward and backward pass of one worker with --batch examples.")
  private Double computeMs;

  @Option(
      names = "--update-ms",
      paramLabel = "T",
      description = "An update of all parameters by one worker, beside --compute-ms; else 0.")
  private Double updateMs;

  @Option(
      names = "--jitter",
      paramLabel = "C",
      description = "Standard deviation over mean of the passes; else 0, or as measured.")
  private Double jitter;

  /** Refuses values that are out of range. */
  void check() {
    BenchOptions.requireAbove("--compute-ms", computeMs);
    BenchOptions.requireNotBelow("--update-ms", updateMs);
    BenchOptions.requireNotBelow("--jitter", jitter);
    BenchOptions.require(
        updateMs == null || computeMs != null,
        "--update-ms must come with --compute-ms: got %s alone.",
        updateMs);
  }

  /** What was given, or is measured on {@code threads} threads. */
  Measured<StepCompute> compute(Network network, int batch, int threads, double seconds)
      throws InterruptedException {
    if (computeMs != null) {
      double update = updateMs == null ? 0 : updateMs;
      Jitter given = new Jitter(jitter == null ? 0 : jitter, SEED);
      return new Measured<>(new StepCompute(1e-3 * computeMs, 1e-3 * update, given), List.of());
    }
    StepParts parts =
        StepParts.measure(
            new StepBench.Request(
                network,
                batch,
                threads,
                seconds,
                Leaves.defaultFor(batch),
                DefaultOptimizer.create()));
    double variation = jitter == null ? parts.pass().variation() : jitter;
    return new Measured<>(
        new StepCompute(
            parts.pass().medianSeconds(),
            parts.update().medianSeconds(),
            new Jitter(variation, SEED)),
        jitter == null
            ? List.of("compute_ms", "update_ms", "jitter")
            : List.of("compute_ms", "update_ms"));
  }
}
