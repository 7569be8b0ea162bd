package org.backdraft.driver.worker;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.backdraft.driver.control.Divergence;
import org.backdraft.driver.sync.DivergedException;
import org.backdraft.driver.sync.StepSums;

/**
 * Counts the steps that are skipped, and watches the loss. All ranks see the same sums, so all of
 * them stop at the same step. What it remembers of the loss begins anew with each gang.
 */
final class HealthWatch {
  private final HealthRule rule;
  private final double[] window;
  private double lowestMean = Double.POSITIVE_INFINITY;
  private long losses; // that were seen
  private long step;
  private long skipped;
  private int inARow;

  /**
   * @param firstStep that will be seen, from 0
   */
  HealthWatch(HealthRule rule, long firstStep) {
    this.rule = rule;
    step = firstStep;
    skipped = rule.skipped();
    window = new double[rule.limits().growth() > 0 ? rule.limits().window() : 0];
  }

  /**
   * Sees steps in order.
   *
   * @throws DivergedException if there have been too many skipped ones, or a loss is too large
   */
  void see(StepSums sums) throws DivergedException {
    for (int i = 0; i < sums.count(); i++, step++) {
      if (sums.isNonFinite(i)) {
        skip(sums.loss(i));
      } else {
        inARow = 0;
        float denominator = sums.denominator(i);
        check(denominator == 0 ? 0 : sums.loss(i) / (double) denominator);
      }
    }
  }

  private void skip(float loss) throws DivergedException {
    inARow++;
    skipped++;
    if (inARow > rule.skipsInARow()) {
      throw skippedTooOften(
          loss, "%d steps in a row (train.non-finite.in-a-row)", rule.skipsInARow());
    }
    if (skipped > rule.skips()) {
      throw skippedTooOften(loss, "%d steps in all (train.non-finite.most)", rule.skips());
    }
  }

  private DivergedException skippedTooOften(float loss, String pattern, long allowed) {
    Divergence.Reason reason =
        Float.isFinite(loss) ? Divergence.Reason.GRADIENT : Divergence.Reason.LOSS;
    String detail = String.format(Locale.ROOT, pattern, allowed) + " have been skipped before";
    return new DivergedException(step, new Divergence(reason, -1, -1, List.of(), detail));
  }

  private void check(double loss) throws DivergedException {
    double most = rule.limits().most();
    if (most > 0 && loss > most) {
      throw tooLarge("it is %s, and may be %s (train.divergence.loss)", loss, most);
    }
    if (window.length == 0) {
      return;
    }
    window[(int) (losses++ % window.length)] = loss;
    if (losses < window.length) {
      return;
    }
    double mean = Arrays.stream(window).sum() / window.length;
    lowestMean = Math.min(lowestMean, mean);
    if (mean > rule.limits().growth() * lowestMean) {
      throw tooLarge(
          "its mean over "
              + window.length
              + " steps is %s, and was %s before (train.divergence.growth)",
          mean,
          lowestMean);
    }
  }

  private DivergedException tooLarge(String pattern, double... values) {
    String detail = String.format(Locale.ROOT, pattern, Arrays.stream(values).boxed().toArray());
    return new DivergedException(
        step, new Divergence(Divergence.Reason.LIMIT, -1, -1, List.of(), detail));
  }
}
