package org.backdraft.jobs.bench;

import org.backdraft.kernel.KernelLookup;

/**
 * The parts of a training step of one worker that holds the whole batch, each timed by itself.
 *
 * @param kernels that ran
 * @param pass forward and backward
 * @param update of all parameters
 */
public record StepParts(String kernels, Timing pass, Timing update) {
  /**
   * Measures each part as {@link StepBench} does the whole.
   *
   * @throws IllegalArgumentException if the batch is too large to be planned
   */
  public static StepParts measure(StepBench.Request request) throws InterruptedException {
    KernelLookup.Choice choice = KernelLookup.choose();
    try (TrainingStep step =
        new TrainingStep(
            request.network(),
            request.batch(),
            request.threads(),
            request.leaves(),
            request.optimizer(),
            choice.kernels())) {
      Timing pass = Timing.of(step::pass, request.seconds());
      step.check();
      Timing update = Timing.of(step::update, request.seconds());
      return new StepParts(choice.kernels().description(), pass, update);
    }
  }
}
