package org.backdraft.driver;

import java.util.Locale;
import org.backdraft.driver.selection.EarlyStopping;
import org.backdraft.driver.selection.ValidationScores;

/**
 * What a run that may stop early has come to.
 *
 * @param rule that was asked for
 * @param isStopped whether patience came to its end, and so the run, before its last epoch
 * @param best the best value of what was monitored; NaN where no epoch had one
 * @param bestEpoch that had it, from 0; −1 for none
 * @param isRestored whether the weights are those of the best epoch, and not of the last
 * @param last what the validation of the last epoch has measured
 * @param kept what that of the epoch has measured whose weights are kept
 */
public record EarlyStoppingReport(
    EarlyStopping rule,
    boolean isStopped,
    double best,
    int bestEpoch,
    boolean isRestored,
    ValidationScores last,
    ValidationScores kept) {
  /** Why the run stopped, and what is kept: a sentence without a full stop. */
  public String reason() {
    String kept = isRestored ? "; the weights of epoch %d are kept".formatted(bestEpoch + 1) : "";
    if (!isStopped) {
      return "the run came to its end before patience did" + kept;
    }
    String best =
        bestEpoch < 0
            ? "was a number in none of %d epochs".formatted(rule.patience())
            : String.format(
                Locale.ROOT,
                "was no better than %.6g, that of epoch %d, for %d epoch%s in a row",
                this.best,
                bestEpoch + 1,
                rule.patience(),
                rule.patience() == 1 ? "" : "s");
    return rule.monitor().word() + " " + best + kept;
  }
}
