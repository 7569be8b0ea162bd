package org.backdraft.jobs.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;
import org.backdraft.driver.TrainingListener;
import org.backdraft.jobs.output.Json;

/**
 * Writes {@code metrics.jsonl} and {@code results.csv} as a run goes; each line is on disk when the
 * call returns. Steps and epochs count from 1 here.
 */
public final class RunRecorder implements TrainingListener, AutoCloseable {
  private static final String COLUMNS =
      "epoch,step,loss,accuracy,val_loss,val_accuracy,lr,examples_per_second,seconds\n";

  private final RunDirectory directory;
  private BufferedWriter metrics;
  private BufferedWriter results;

  /** Opens both files; behind what they hold if the run goes on. */
  public RunRecorder(RunDirectory directory) throws IOException {
    this.directory = directory;
    metrics = open(RunDirectory.METRICS);
    results = open(RunDirectory.RESULTS);
    if (Files.size(directory.file(RunDirectory.RESULTS)) == 0) {
      append(results, COLUMNS);
    }
  }

  private BufferedWriter open(String name) throws IOException {
    return Files.newBufferedWriter(
        directory.file(name),
        StandardCharsets.UTF_8,
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
  }

  @Override
  public void onStep(Step step) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("epoch", step.epoch() + 1);
    line.put("step", step.step() + 1);
    line.put("loss", step.isSkipped() ? null : step.loss());
    if (step.isSkipped()) {
      line.put("skipped", true);
    }
    line.put("lr", (float) step.learningRate());
    line.put("examples_per_second", step.examplesPerSecond());
    RankTimesJson.putMillis(line, step.times());
    append(metrics, Json.line(line) + "\n");
  }

  @Override
  public void onEpoch(Epoch epoch) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("epoch", epoch.epoch() + 1);
    line.put("step", epoch.step() + 1);
    line.put("loss", epoch.loss());
    line.put("accuracy", epoch.accuracy());
    line.put("val_loss", epoch.validationLoss());
    line.put("val_accuracy", epoch.validationAccuracy());
    epoch.validationMetrics().forEach((name, value) -> line.put("val_" + name, value));
    line.put("lr", (float) epoch.learningRate());
    line.put("examples_per_second", epoch.examplesPerSecond());
    line.put("seconds", epoch.seconds());
    append(metrics, Json.line(line) + "\n");
    append(
        results,
        String.format(
            Locale.ROOT,
            "%d,%d,%s,%s,%s,%s,%s,%.1f,%.3f\n",
            epoch.epoch() + 1,
            epoch.step() + 1,
            epoch.loss(),
            epoch.accuracy(),
            epoch.validationLoss(),
            epoch.validationAccuracy(),
            (float) epoch.learningRate(),
            epoch.examplesPerSecond(),
            epoch.seconds()));
  }

  /** Takes back the lines of what is to be done again. */
  @Override
  public void onRestart(Restart restart) {
    try {
      metrics = shortened(metrics, RunDirectory.METRICS, line -> isBefore(line, restart));
      results = shortened(results, RunDirectory.RESULTS, row -> isFinished(row, restart));
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot rewrite the run's metrics; is the disk full?", e);
    }
  }

  private BufferedWriter shortened(BufferedWriter open, String name, Predicate<String> keeps)
      throws IOException {
    open.close();
    StringBuilder kept = new StringBuilder();
    String text = Files.readString(directory.file(name));
    // A driver that was killed may have left a part of a line, which is none.
    for (String line : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
      if (keeps.test(line)) {
        kept.append(line).append('\n');
      }
    }
    directory.write(name, kept.toString());
    return open(name);
  }

  private static boolean isBefore(String line, Restart restart) {
    Map<String, Object> values = Json.map(line);
    return values.containsKey("val_loss")
        ? ((Number) values.get("epoch")).longValue() <= restart.epoch()
        : ((Number) values.get("step")).longValue() <= restart.steps();
  }

  private static boolean isFinished(String row, Restart restart) {
    return COLUMNS.startsWith(row)
        || Long.parseLong(row.substring(0, row.indexOf(','))) <= restart.epoch();
  }

  @Override
  public void close() throws IOException {
    try {
      results.close();
    } finally {
      metrics.close();
    }
  }

  private static void append(BufferedWriter file, String text) {
    try {
      file.write(text);
      file.flush();
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the run's metrics; is the disk full?", e);
    }
  }
}
