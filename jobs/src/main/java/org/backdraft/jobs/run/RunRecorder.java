package org.backdraft.jobs.run;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.backdraft.driver.TrainingListener;
import org.backdraft.jobs.output.Json;

/**
 * Writes {@code metrics.jsonl} and {@code results.csv} as a run goes; each line is on disk when the
 * call returns. Steps and epochs count from 1 here.
 */
public final class RunRecorder implements TrainingListener, AutoCloseable {
  private static final String COLUMNS =
      "epoch,step,loss,accuracy,val_loss,val_accuracy,lr,examples_per_second,seconds\n";

  private final BufferedWriter metrics;
  private final BufferedWriter results;

  /** Opens both files. */
  public RunRecorder(RunDirectory directory) throws IOException {
    metrics = Files.newBufferedWriter(directory.file(RunDirectory.METRICS), StandardCharsets.UTF_8);
    results = Files.newBufferedWriter(directory.file(RunDirectory.RESULTS), StandardCharsets.UTF_8);
    append(results, COLUMNS);
  }

  @Override
  public void onStep(Step step) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("epoch", step.epoch() + 1);
    line.put("step", step.step() + 1);
    line.put("loss", step.loss());
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

  @Override
  public void close() throws IOException {
    try (metrics) {
      results.close();
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
