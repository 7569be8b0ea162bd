package org.backdraft.jobs.run;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.backdraft.jobs.output.Amounts;

/**
 * What the curves of training and validation say of bias and variance, in a word and in a sentence.
 * Errors are shares of wrong answers, or mean squared errors of numbers; E_t is that of training,
 * E_v of validation, E_0 of the naive answer.
 *
 * <ul>
 *   <li>{@link Word#OVERFITS}: more than half of E_v does not occur in training, and this part is
 *       more than {@link #LEAST_GAP} E_0 and more than two standard errors of E_v; or the
 *       validation loss has risen by more than {@link #RISE} over its lowest value while that of
 *       training fell
 *   <li>{@link Word#UNDERFITS}: E_t is more than {@link #MOST_BIAS} E_0
 *   <li>{@link Word#FITS}: neither
 * </ul>
 *
 * <p>The first that is true counts. E_t is a mean over the epoch, in which the weights have changed
 * and dropout, augmentation and mixing were on: a strong regularization makes it larger than the
 * error of the network itself. Of numbers to predict E_t is E_v times the ratio of both losses.
 * What is irreducible, as noise in the labels, counts as bias: nothing in the curves tells it.
 *
 * @param trainError E_t
 * @param valError E_v
 * @param naiveError E_0
 * @param text one sentence, for people
 */
public record FitVerdict(
    Word word, double trainError, double valError, double naiveError, String text) {
  private static final double MOST_BIAS = 0.25;
  private static final double LEAST_GAP = 0.02;
  private static final double RISE = 0.1;

  /** By which part the loss of the last epoch is the lowest one, if it is still falling. */
  private static final double STILL = 0.02;

  /** What the curves say. */
  public enum Word {
    UNDERFITS,
    OVERFITS,
    FITS;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * The verdict on the weights of an epoch.
   *
   * @param kept the epoch, from 0, whose weights the run ends with; what comes after it does not
   *     count
   * @param majorityAccuracy what the most frequent class gets, where examples have classes
   * @param examples of the validation set
   * @return empty where there is no naive answer to compare with
   */
  public static Optional<FitVerdict> of(
      EpochCurve curve, int kept, OptionalDouble majorityAccuracy, int examples) {
    OptionalDouble naive = naiveError(curve, majorityAccuracy);
    if (naive.isEmpty() || naive.getAsDouble() <= 0 || kept < 0 || kept >= curve.size()) {
      return Optional.empty();
    }
    boolean isOfNumbers = curve.has("val_mse");
    double valError = isOfNumbers ? curve.of(kept, "val_mse") : 1 - curve.of(kept, "val_accuracy");
    double lossRatio = curve.of(kept, "loss") / curve.of(kept, "val_loss");
    double trainError = isOfNumbers ? valError * lossRatio : 1 - curve.of(kept, "accuracy");
    if (!Double.isFinite(trainError) || !Double.isFinite(valError)) {
      return Optional.empty();
    }
    double deviation =
        isOfNumbers ? 0 : Math.sqrt(Math.max(0, valError * (1 - valError)) / examples);
    return Optional.of(
        new Judge(curve, kept, trainError, valError, naive.getAsDouble(), deviation).verdict());
  }

  /** What a naive answer gets wrong of the validation set, where it is known. */
  public static OptionalDouble naiveError(EpochCurve curve, OptionalDouble majorityAccuracy) {
    for (String key : new String[] {"val_baseline_mse", "val_baseline_pixel_error"}) {
      if (curve.has(key)) {
        return OptionalDouble.of(curve.of(curve.size() - 1, key));
      }
    }
    return majorityAccuracy.isPresent()
        ? OptionalDouble.of(1 - majorityAccuracy.getAsDouble())
        : majorityAccuracy;
  }

  /**
   * The same, which also says so where the network does no better than the best of some simple
   * answers.
   *
   * @param errors of these in validation, by name
   */
  public FitVerdict beside(Map<String, Double> errors) {
    return errors.entrySet().stream()
        .min(Map.Entry.comparingByValue())
        .filter(best -> valError >= best.getValue())
        .map(
            best ->
                new FitVerdict(
                    word,
                    trainError,
                    valError,
                    naiveError,
                    text + ". The %s does no worse".formatted(best.getKey())))
        .orElse(this);
  }

  /** The values by name, for {@code summary.json}. */
  public Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("verdict", word.word());
    map.put("text", text);
    map.put("train_error", trainError);
    map.put("val_error", valError);
    map.put("naive_error", naiveError);
    return map;
  }

  private record Judge(
      EpochCurve curve,
      int kept,
      double trainError,
      double valError,
      double naiveError,
      double deviation) {
    FitVerdict verdict() {
      double gap = valError - trainError;
      if (gap > valError / 2 && gap > Math.max(LEAST_GAP * naiveError, 2 * deviation)) {
        return verdict(
            Word.OVERFITS,
            "overfits (variance): most of the error in validation does not occur in training, %s."
                    .formatted(errors())
                + " More data, augmentation, weight decay or dropout may help");
      }
      int lowest = lowest();
      if (hasRisen(lowest)) {
        return verdict(
            Word.OVERFITS,
            ("overfits (variance): the validation loss has risen from %s in epoch %d to %s while"
                    + " that of training fell; %s. early-stopping.patience ends such a run")
                .formatted(
                    Amounts.loss(curve.of(lowest, "val_loss")),
                    lowest + 1,
                    Amounts.loss(curve.of(kept, "val_loss")),
                    errors()));
      }
      if (trainError > MOST_BIAS * naiveError) {
        return verdict(
            Word.UNDERFITS,
            "underfits (bias): training leaves %s of the naive error, %s. %s may help"
                .formatted(
                    Amounts.percent(trainError / naiveError),
                    errors(),
                    isFalling()
                        ? "The loss is still falling: more epochs"
                        : "A larger network, another learning rate or less regularization"));
      }
      return verdict(
          Word.FITS,
          "fits: "
              + errors()
              + (isFalling() ? ". The loss is still falling: more epochs may help" : ""));
    }

    private FitVerdict verdict(Word word, String text) {
      return new FitVerdict(word, trainError, valError, naiveError, text);
    }

    private int lowest() {
      int lowest = 0;
      for (int i = 1; i <= kept; i++) {
        lowest = curve.of(i, "val_loss") < curve.of(lowest, "val_loss") ? i : lowest;
      }
      return lowest;
    }

    private boolean hasRisen(int lowest) {
      return curve.of(kept, "val_loss") > (1 + RISE) * curve.of(lowest, "val_loss")
          && curve.of(kept, "loss") < curve.of(lowest, "loss");
    }

    private boolean isFalling() {
      return kept > 0
          && lowest() == kept
          && curve.of(kept, "val_loss") < (1 - STILL) * curve.of(kept - 1, "val_loss");
    }

    private String errors() {
      if (curve.has("val_mse")) {
        return String.format(
            Locale.ROOT,
            "squared error about %.3g in training, %.3g in validation, %.3g of the naive answer",
            trainError,
            valError,
            naiveError);
      }
      return "error %s in training, %s in validation, %s of the naive answer"
          .formatted(percent(trainError), percent(valError), percent(naiveError));
    }

    private static String percent(double share) {
      return String.format(Locale.ROOT, "%.2f%%", 100 * share);
    }
  }
}
