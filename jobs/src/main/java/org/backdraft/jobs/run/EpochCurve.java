package org.backdraft.jobs.run;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;

/**
 * What a run has reached from epoch to epoch, as {@code metrics.jsonl} tells, so that a run that
 * was resumed is whole. Immutable.
 */
public final class EpochCurve {
  private static final String PREFIX = "val_";

  private final List<Map<String, Double>> epochs;

  EpochCurve(List<Map<String, Double>> epochs) {
    this.epochs = List.copyOf(epochs);
  }

  /**
   * Reads the lines of epochs.
   *
   * @param metrics {@code metrics.jsonl}
   */
  public static EpochCurve read(Path metrics) {
    List<Map<String, Double>> epochs = new ArrayList<>();
    try (BufferedReader reader = Files.newBufferedReader(metrics, StandardCharsets.UTF_8)) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (line.contains("\"val_loss\"")) {
          Map<String, Double> numbers = new LinkedHashMap<>();
          Json.map(line)
              .forEach(
                  (key, value) ->
                      numbers.put(
                          key, value instanceof Number number ? number.doubleValue() : Double.NaN));
          epochs.add(numbers);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the run's metrics in " + metrics, e);
    }
    return new EpochCurve(epochs);
  }

  /** How many epochs there are. */
  public int size() {
    return epochs.size();
  }

  /** A number of an epoch, which counts from 0; not a number where the epoch has none. */
  double of(int epoch, String key) {
    return epochs.get(epoch).getOrDefault(key, Double.NaN);
  }

  /** Whether epochs have that number. */
  boolean has(String key) {
    return !epochs.isEmpty() && Double.isFinite(of(epochs.size() - 1, key));
  }

  /** The numbers of all epochs. */
  private double[] all(String key) {
    double[] values = new double[size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = of(i, key);
    }
    return values;
  }

  /**
   * Loss and error by epoch in training and validation, as an SVG file.
   *
   * @param naiveError what a naive answer gets wrong, where that is known
   */
  public String svg(OptionalDouble naiveError) {
    double[] x = all("epoch");
    LineChart loss =
        new LineChart("Loss", "epoch", "loss")
            .line("training", x, all("loss"))
            .line("validation", x, all(PREFIX + "loss"));
    return new Figure(List.of(loss, right(x, naiveError))).svg();
  }

  private LineChart right(double[] x, OptionalDouble naiveError) {
    LineChart chart;
    if (has(PREFIX + "mse")) {
      chart =
          new LineChart("Mean squared error", "epoch", "squared error")
              .line("validation", x, all(PREFIX + "mse"));
    } else {
      chart =
          new LineChart("Error", "epoch", "share of wrong answers")
              .line("training", x, complement(all("accuracy")))
              .line("validation", x, complement(all(PREFIX + "accuracy")));
    }
    if (naiveError.isPresent() && size() > 0) {
      double value = naiveError.getAsDouble();
      chart.dashed("naive", new double[] {x[0], x[x.length - 1]}, new double[] {value, value});
    }
    return chart;
  }

  private static double[] complement(double[] shares) {
    double[] rest = new double[shares.length];
    for (int i = 0; i < rest.length; i++) {
      rest[i] = 1 - shares[i];
    }
    return rest;
  }
}
