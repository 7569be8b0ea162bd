package org.backdraft.driver;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.backdraft.optim.Plateau;

/** The running numbers of a training, which it takes along when it goes on from a checkpoint. */
final class ProgressCounts {
  private static final String PLATEAU_SCALE = "plateau_scale";
  private static final String PLATEAU_BEST = "plateau_best";
  private static final String PLATEAU_BAD = "plateau_bad_epochs";
  private static final String PLATEAU_COOLDOWN = "plateau_cooldown";

  long steps;
  int epochs;
  double bestAccuracy;
  double lastLoss = Double.NaN;
  double lastAccuracy = Double.NaN;
  long firstEpochExamples;
  long firstEpochNanos;
  long laterExamples;
  long laterNanos;
  Plateau.State plateau = Plateau.State.BEGINNING;

  StoppingNumbers stopping = StoppingNumbers.BEGINNING;
  LeaseNumbers leases = LeaseNumbers.NONE;
  Optional<Weights> bestWeights = Optional.empty(); // of its best epoch; not in the map

  // Of the current epoch.
  double lossSum;
  double denominator;
  double correct;
  double labels;
  long examples;
  long nanos;
  double learningRate;

  /** What a search has reached, which is not what it tried last; 0 without one. */
  double searchLoss;

  // How it kept healthy.
  long skipped;
  int rollBacks;
  double rateFactor = 1;

  /** The same numbers, to be changed apart. */
  ProgressCounts copy() {
    ProgressCounts copy = of(toMap());
    copy.bestWeights = bestWeights;
    return copy;
  }

  /** Begins another epoch. */
  void startEpoch() {
    lossSum = 0;
    denominator = 0;
    correct = 0;
    labels = 0;
    examples = 0;
    nanos = 0;
  }

  /** As JSON has them. */
  Map<String, Object> toMap() {
    Map<String, Object> map = new LinkedHashMap<>();
    map.put("steps", steps);
    map.put("epochs", epochs);
    if (epochs > 0) {
      map.put("val_loss", lastLoss);
      map.put("val_accuracy", lastAccuracy);
    }
    map.put("best_val_accuracy", bestAccuracy);
    map.put("first_epoch_examples", firstEpochExamples);
    map.put("first_epoch_nanos", firstEpochNanos);
    map.put("later_examples", laterExamples);
    map.put("later_nanos", laterNanos);
    map.put("epoch_loss_sum", lossSum);
    map.put("epoch_denominator", denominator);
    map.put("epoch_correct", correct);
    map.put("epoch_labels", labels);
    map.put("epoch_examples", examples);
    map.put("epoch_nanos", nanos);
    map.put("lr", learningRate);
    if (!plateau.equals(Plateau.State.BEGINNING)) {
      map.put(PLATEAU_SCALE, plateau.scale());
      if (!Double.isNaN(plateau.best())) {
        map.put(PLATEAU_BEST, plateau.best());
      }
      map.put(PLATEAU_BAD, plateau.badEpochs());
      map.put(PLATEAU_COOLDOWN, plateau.cooldown());
    }
    stopping.putInto(map);
    leases.putInto(map);
    map.put("search_loss", searchLoss);
    map.put("skipped_steps", skipped);
    map.put("roll_backs", rollBacks);
    map.put("lr_factor", rateFactor);
    return map;
  }

  /**
   * What {@link #toMap} has written.
   *
   * @throws IllegalArgumentException if a number is missing
   */
  static ProgressCounts of(Map<String, Object> map) {
    ProgressCounts counts = new ProgressCounts();
    counts.steps = number(map, "steps").longValue();
    counts.epochs = number(map, "epochs").intValue();
    if (counts.epochs > 0) {
      counts.lastLoss = number(map, "val_loss").doubleValue();
      counts.lastAccuracy = number(map, "val_accuracy").doubleValue();
    }
    counts.bestAccuracy = number(map, "best_val_accuracy").doubleValue();
    counts.firstEpochExamples = number(map, "first_epoch_examples").longValue();
    counts.firstEpochNanos = number(map, "first_epoch_nanos").longValue();
    counts.laterExamples = number(map, "later_examples").longValue();
    counts.laterNanos = number(map, "later_nanos").longValue();
    counts.lossSum = number(map, "epoch_loss_sum").doubleValue();
    counts.denominator = number(map, "epoch_denominator").doubleValue();
    counts.correct = number(map, "epoch_correct").doubleValue();
    counts.labels = number(map, "epoch_labels").doubleValue();
    counts.examples = number(map, "epoch_examples").longValue();
    counts.nanos = number(map, "epoch_nanos").longValue();
    counts.learningRate = number(map, "lr").doubleValue();
    if (map.containsKey(PLATEAU_SCALE)) {
      counts.plateau =
          new Plateau.State(
              number(map, PLATEAU_SCALE).doubleValue(),
              map.containsKey(PLATEAU_BEST) ? number(map, PLATEAU_BEST).doubleValue() : Double.NaN,
              number(map, PLATEAU_BAD).intValue(),
              number(map, PLATEAU_COOLDOWN).intValue());
    }
    counts.stopping = StoppingNumbers.of(map);
    counts.leases = LeaseNumbers.of(map);
    counts.searchLoss = numberOr(map, "search_loss", 0).doubleValue();
    counts.skipped = numberOr(map, "skipped_steps", 0).longValue();
    counts.rollBacks = numberOr(map, "roll_backs", 0).intValue();
    counts.rateFactor = numberOr(map, "lr_factor", 1).doubleValue();
    return counts;
  }

  /** What older checkpoints do not have. */
  private static Number numberOr(Map<String, Object> map, String name, int missing) {
    return map.containsKey(name) ? number(map, name) : missing;
  }

  static Number number(Map<String, Object> map, String name) {
    return number(name, map.get(name));
  }

  static Number number(String name, Object value) {
    if (value instanceof Number number) {
      return number;
    }
    throw new IllegalArgumentException("'%s' must be a number: got %s.".formatted(name, value));
  }
}
