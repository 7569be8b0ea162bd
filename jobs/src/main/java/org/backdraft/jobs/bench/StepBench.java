package org.backdraft.jobs.bench;

import java.io.IOException;
import java.util.OptionalLong;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.optim.Optimizer;

/**
 * The time of a training step (forward, backward, update) of one worker on synthetic data, without
 * Spark: what every distributed run is compared with.
 */
public final class StepBench {
  private StepBench() {}

  /**
   * What to measure.
   *
   * @param batch examples of a global batch, all of them this worker's
   * @param seconds of measurement; see {@link Timing} for the warm-up
   */
  public record Request(
      Network network,
      int batch,
      int threads,
      double seconds,
      Leaves leaves,
      Optimizer optimizer) {}

  /**
   * What came out.
   *
   * @param kernels that ran
   * @param timing of a step
   * @param examplesPerSecond at the median time of a step
   * @param throughput in operations of {@link StepFlops}
   * @param residentMib the most memory that the process occupied, in MiB, if the system tells
   */
  public record Result(
      String kernels,
      Timing timing,
      double examplesPerSecond,
      Throughput throughput,
      OptionalLong residentMib) {}

  /**
   * Measures.
   *
   * @throws IllegalArgumentException if the batch is too large to be planned
   */
  public static Result run(Request request) throws InterruptedException, IOException {
    KernelLookup.Choice choice = KernelLookup.choose();
    Timing timing;
    OptionalLong residentMib;
    try (TrainingStep step =
        new TrainingStep(
            request.network(),
            request.batch(),
            request.threads(),
            request.leaves(),
            request.optimizer(),
            choice.kernels())) {
      timing = Timing.of(step::run, request.seconds());
      step.check();
      residentMib = ResidentSize.mostMib();
    }
    return new Result(
        choice.kernels().description(),
        timing,
        request.batch() / timing.medianSeconds(),
        Throughput.of(
            request.batch() * StepFlops.perExample(request.network()),
            timing.medianSeconds(),
            request.threads()),
        residentMib);
  }
}
