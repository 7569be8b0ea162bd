package org.backdraft.jobs.rate;

import java.util.Locale;
import org.backdraft.driver.TrainingListener;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.run.Progress;

/**
 * Tells people how a search goes: ten lines on its steps.
 *
 * @param progress that tells how the run begins
 * @param steps of the whole search
 */
public record RateProgress(Progress progress, int steps) implements TrainingListener {
  private static final int LINES = 10;

  @Override
  public void onStart(Start start) {
    progress.onStart(start);
  }

  @Override
  public void onRestart(Restart restart) {
    progress.onRestart(restart);
  }

  @Override
  public void onAgreement(Agreement agreement) {
    progress.onAgreement(agreement);
  }

  @Override
  public void onStep(Step step) {
    long done = step.step() + 1;
    if (done % Math.max(1, steps / LINES) == 0) {
      progress.note(
          String.format(
              Locale.ROOT,
              "step %d/%d  lr %.2g  loss %s",
              done,
              steps,
              step.learningRate(),
              Amounts.loss(step.loss())));
    }
  }
}
