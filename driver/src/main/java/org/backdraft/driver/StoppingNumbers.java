package org.backdraft.driver;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.driver.selection.EarlyStopping;
import org.backdraft.driver.selection.ValidationScores;

/**
 * What early stopping knows of a run, among its running numbers.
 *
 * @param state of the rule
 * @param best what the validation of the best epoch has measured; empty where there is none
 */
record StoppingNumbers(EarlyStopping.State state, Optional<ValidationScores> best) {
  private static final String BAD = "early_stopping_bad_epochs";
  private static final String BEST = "early_stopping_best";
  private static final String EPOCH = "early_stopping_best_epoch";
  private static final String LOSS = "early_stopping_val_loss";
  private static final String ACCURACY = "early_stopping_val_accuracy";
  private static final String METRICS = "early_stopping_metrics";
  private static final String VALUES = "early_stopping_metric_values";

  /** Before the first epoch. */
  static final StoppingNumbers BEGINNING =
      new StoppingNumbers(EarlyStopping.State.BEGINNING, Optional.empty());

  /** The same after another epoch. */
  StoppingNumbers after(EarlyStopping rule, int epoch, ValidationScores scores) {
    EarlyStopping.State next = rule.after(state, epoch, scores);
    return new StoppingNumbers(next, next.isBest(epoch) ? Optional.of(scores) : best);
  }

  /** Puts in what differs from the beginning. */
  void putInto(Map<String, Object> map) {
    if (state.badEpochs() > 0) {
      map.put(BAD, state.badEpochs());
    }
    if (best.isPresent()) {
      ValidationScores scores = best.get();
      map.put(BEST, state.best());
      map.put(EPOCH, state.bestEpoch());
      map.put(LOSS, scores.loss());
      map.put(ACCURACY, scores.accuracy());
      map.put(METRICS, List.copyOf(scores.metrics().keySet()));
      map.put(VALUES, List.copyOf(scores.metrics().values()));
    }
  }

  /**
   * What {@link #putInto} has put in.
   *
   * @throws IllegalArgumentException if a part of it is missing
   */
  static StoppingNumbers of(Map<String, Object> map) {
    int bad = map.containsKey(BAD) ? ProgressCounts.number(map, BAD).intValue() : 0;
    if (!map.containsKey(BEST)) {
      return new StoppingNumbers(new EarlyStopping.State(Double.NaN, -1, bad), Optional.empty());
    }
    return new StoppingNumbers(
        new EarlyStopping.State(
            ProgressCounts.number(map, BEST).doubleValue(),
            ProgressCounts.number(map, EPOCH).intValue(),
            bad),
        Optional.of(
            new ValidationScores(
                ProgressCounts.number(map, LOSS).doubleValue(),
                ProgressCounts.number(map, ACCURACY).doubleValue(),
                metrics(map.get(METRICS), map.get(VALUES)))));
  }

  private static Map<String, Double> metrics(Object names, Object values) {
    if (!(names instanceof List<?> all)
        || !(values instanceof List<?> numbers)
        || all.size() != numbers.size()) {
      throw new IllegalArgumentException(
          "'%s' and '%s' must be lists of one length: got %s and %s."
              .formatted(METRICS, VALUES, names, values));
    }
    Map<String, Double> metrics = new LinkedHashMap<>();
    for (int i = 0; i < all.size(); i++) {
      double value = ProgressCounts.number(VALUES, numbers.get(i)).doubleValue();
      metrics.put(String.valueOf(all.get(i)), value);
    }
    return metrics;
  }
}
