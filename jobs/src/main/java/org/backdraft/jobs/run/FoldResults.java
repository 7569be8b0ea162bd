package org.backdraft.jobs.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the networks of a cross-validation have come to, with mean and spread: its {@code
 * summary.json}. Used by one thread.
 */
public final class FoldResults {
  private static final String VALIDATED = "val_";
  private static final String SECTION = "cross_validation";
  private static final String START = "init_weights";
  private static final String BEST = "best_val_accuracy";
  private static final List<String> KEPT =
      List.of(
          "epochs",
          "steps",
          "train_seconds",
          "weights_sha256",
          "early_stopping",
          "baselines",
          "fit");

  private final String name;
  private final int folds;
  private final Optional<String> startWeights;
  private final List<Map<String, Object>> all = new ArrayList<>();

  /**
   * Mean and spread of a number.
   *
   * @param deviation the square root of the sum of squared distances from the mean over one less
   *     than their number; 0 of a single one
   */
  public record Spread(double mean, double deviation, double least, double most) {
    static Spread of(List<Double> values) {
      double sum = 0;
      double least = Double.POSITIVE_INFINITY;
      double most = Double.NEGATIVE_INFINITY;
      for (double value : values) {
        sum += value;
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      double mean = sum / values.size();
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      double deviation = values.size() < 2 ? 0 : Math.sqrt(squares / (values.size() - 1));
      return new Spread(mean, deviation, least, most);
    }

    private Map<String, Object> toMap() {
      Map<String, Object> map = new LinkedHashMap<>();
      map.put("mean", mean);
      map.put("deviation", deviation);
      map.put("least", least);
      map.put("most", most);
      return map;
    }
  }

  /**
   * @param name of the run
   * @param folds that there are to be
   * @param startWeights what all networks start with, as it was given; empty for random weights
   */
  public FoldResults(String name, int folds, Optional<String> startWeights) {
    this.name = name;
    this.folds = folds;
    this.startWeights = startWeights;
  }

  /**
   * What an interrupted cross-validation started with.
   *
   * @param summary its {@code summary.json}
   */
  public static Optional<String> startWeights(Map<String, Object> summary) {
    return summary.get(SECTION) instanceof Map<?, ?> section
        ? Optional.ofNullable((String) section.get(START))
        : Optional.empty();
  }

  /** Adds what {@code summary.json} says of the next fold. */
  public void add(Map<String, Object> summary) {
    Map<String, Object> fold = new LinkedHashMap<>();
    fold.put("fold", all.size() + 1);
    summary.forEach(
        (key, value) -> {
          if (isValidated(key) || KEPT.contains(key)) {
            fold.put(key, value);
          }
        });
    all.add(fold);
  }

  private static boolean isValidated(String key) {
    return key.startsWith(VALIDATED) || key.equals(BEST);
  }

  /** How many there are to be. */
  public int folds() {
    return folds;
  }

  /** Of each number of the validations that all folds have, in their order. */
  public Map<String, Spread> spreads() {
    Map<String, Spread> spreads = new LinkedHashMap<>();
    for (String key : all.isEmpty() ? List.<String>of() : List.copyOf(all.get(0).keySet())) {
      List<Double> values = new ArrayList<>();
      for (Map<String, Object> fold : all) {
        if (isValidated(key) && fold.get(key) instanceof Number number) {
          values.add(number.doubleValue());
        }
      }
      if (values.size() == all.size()) {
        spreads.put(key, Spread.of(values));
      }
    }
    return spreads;
  }

  /** The values of {@code summary.json}: {@code interrupted} as long as folds are missing. */
  public Map<String, Object> summary() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("status", all.size() == folds ? "completed" : "interrupted");
    values.put("name", name);
    Map<String, Object> spread = new LinkedHashMap<>();
    spreads()
        .forEach(
            (key, each) -> {
              values.put(key, each.mean());
              spread.put(key, each.toMap());
            });
    Map<String, Object> section = new LinkedHashMap<>();
    section.put("folds", folds);
    startWeights.ifPresent(from -> section.put(START, from));
    section.put("spread", spread);
    section.put("results", List.copyOf(all));
    values.put(SECTION, section);
    return values;
  }
}
