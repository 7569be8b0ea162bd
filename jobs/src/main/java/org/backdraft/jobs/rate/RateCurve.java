package org.backdraft.jobs.rate;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;

/**
 * The losses of a run in which the learning rate was multiplied by the same factor at each step.
 *
 * <p>The loss of a step is smoothed by the mean over the steps around it. The rate that is
 * suggested is that at which the smoothed loss falls fastest over the logarithm of the rate: the
 * steepest line of least squares through the steps around one, before the lowest smoothed loss
 * (Smith 2017, <em>Cyclical learning rates for training neural networks</em>, section 3.3, reads
 * the rates where the loss begins to fall and where it stops from such a curve by eye).
 *
 * <p>Immutable.
 */
public final class RateCurve {
  /** As many steps on each side count for one in {@code 1 / NEIGHBORS} of the curve's steps. */
  private static final int NEIGHBORS = 20;

  private static final int LEAST_SIDE = 2;

  /** By which part the lowest smoothed loss is below the first one, at least, if it falls. */
  private static final double FALL = 0.05;

  /** By which part a smoothed loss is above the lowest one, at least, if it rises again. */
  private static final double RISE = 0.1;

  private static final int ERRORS = 3;

  private final double[] rates;
  private final double[] losses;
  private final double[] smoothed;
  private final int side;
  private final boolean hasDiverged;

  /**
   * @param rates of the steps, rising
   * @param losses as many
   * @param hasDiverged whether the run ended since its loss had grown too large
   */
  RateCurve(double[] rates, double[] losses, boolean hasDiverged) {
    this.rates = rates.clone();
    this.losses = losses.clone();
    this.hasDiverged = hasDiverged;
    side = Math.max(LEAST_SIDE, losses.length / NEIGHBORS);
    smoothed = new double[losses.length];
    for (int i = 0; i < losses.length; i++) {
      int begin = Math.max(0, i - side);
      int end = Math.min(losses.length, i + side + 1);
      smoothed[i] = Arrays.stream(losses, begin, end).average().orElseThrow();
    }
  }

  /** Steps that were taken. */
  public int steps() {
    return rates.length;
  }

  /** Whether the run ended since its loss had grown too large. */
  public boolean hasDiverged() {
    return hasDiverged;
  }

  /** The learning rate of a step, from 0. */
  public double rate(int step) {
    return rates[step];
  }

  /** The loss of a step. */
  public double loss(int step) {
    return losses[step];
  }

  /** The mean loss over the step and those around it. */
  public double smoothed(int step) {
    return smoothed[step];
  }

  /**
   * The step of the lowest smoothed loss, up to the first clear rise: what is lower behind one, the
   * training has lost and won back. Empty where the loss does not fall.
   */
  public OptionalInt lowest() {
    int lowest = side;
    // Of a mean over less steps the chance to be low is larger.
    for (int i = side; i < smoothed.length - side; i++) {
      if (hasFallen(lowest) && smoothed[i] > smoothed[lowest] + change(RISE * smoothed[lowest])) {
        break;
      }
      lowest = smoothed[i] < smoothed[lowest] ? i : lowest;
    }
    return lowest < smoothed.length && hasFallen(lowest)
        ? OptionalInt.of(lowest)
        : OptionalInt.empty();
  }

  private boolean hasFallen(int step) {
    return step > side
        && step < smoothed.length
        && smoothed[step] < smoothed[side] - change(FALL * smoothed[side]);
  }

  /** A change of the smoothed loss that is no accident: at least three of its standard errors. */
  private double change(double least) {
    int count = Math.max(1, losses.length / 4);
    double squares = 0;
    for (int i = 0; i < count; i++) {
      squares += (losses[i] - smoothed[i]) * (losses[i] - smoothed[i]);
    }
    return Math.max(least, ERRORS * Math.sqrt(squares / count / (2 * side + 1)));
  }

  /** The step at which the loss falls fastest, before the lowest; empty where it does not fall. */
  public OptionalInt steepest() {
    OptionalInt lowest = lowest();
    if (lowest.isEmpty()) {
      return lowest;
    }
    int steepest = side;
    for (int i = side; i <= lowest.getAsInt(); i++) {
      if (slope(i) < slope(steepest)) {
        steepest = i;
      }
    }
    return OptionalInt.of(steepest);
  }

  /** Of the line of least squares through the steps around one, in loss a step. */
  private double slope(int step) {
    double product = 0;
    double square = 0;
    for (int k = -side; k <= side; k++) {
      product += k * losses[step + k];
      square += (double) k * k;
    }
    return product / square;
  }

  /** A row for each step. */
  public String csv() {
    StringBuilder text = new StringBuilder("step,lr,loss,smoothed_loss\n");
    for (int i = 0; i < rates.length; i++) {
      text.append("%d,%s,%s,%s\n".formatted(i + 1, (float) rates[i], losses[i], smoothed[i]));
    }
    return text.toString();
  }

  /** The results by name. */
  public Map<String, Object> results() {
    Map<String, Object> results = new LinkedHashMap<>();
    results.put("suggested_lr", rateOrNull(steepest()));
    results.put("lowest_loss_lr", rateOrNull(lowest()));
    results.put("diverged", hasDiverged);
    results.put("steps", rates.length);
    return results;
  }

  private Float rateOrNull(OptionalInt step) {
    return step.isEmpty() ? null : (Float) (float) rates[step.getAsInt()];
  }

  /** The curve as an SVG file; of losses above the first one only the beginning. */
  public String svg() {
    double most =
        rates.length == 0 ? 0 : 1.5 * Arrays.stream(smoothed).limit(side + 1L).max().orElse(0);
    double[] shown = Arrays.stream(losses).map(loss -> loss <= most ? loss : Double.NaN).toArray();
    double[] shownMeans =
        Arrays.stream(smoothed).map(loss -> loss <= most ? loss : Double.NaN).toArray();
    LineChart chart =
        new LineChart("Loss by learning rate", "learning rate", "training loss", true, false)
            .line("step", rates, shown)
            .line("mean over %d steps".formatted(2 * side + 1), rates, shownMeans);
    steepest().ifPresent(step -> chart.mark(rates[step], "steepest"));
    lowest().ifPresent(step -> chart.mark(rates[step], "lowest"));
    return new Figure(List.of(chart)).svg();
  }
}
