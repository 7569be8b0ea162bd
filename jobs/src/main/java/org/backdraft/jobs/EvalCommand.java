package org.backdraft.jobs;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.backdraft.driver.EvaluationJob;
import org.backdraft.driver.EvaluationReport;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.spark.SparkClusters;
import org.backdraft.jobs.config.ConfigLayers;
import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.jobs.model.TrainedModel;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells how well a trained model does on the test split of a data set. */
@Command(
    name = "eval",
    sortOptions = false,
    description = "Evaluates a trained model on the test split of a data set.",
    footer = {"", "Example: backdraft eval --model runs/latest --data idx:mnist --json"})
final class EvalCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "RUN|FILE.safetensors",
      description = "A run folder, or its model.safetensors.")
  private Path model;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "URI",
      description = "Data, format:location; its test split is used.")
  private String data;

  @Option(
      names = "--reestimate-batchnorm",
      description = {
        "For data of another distribution than the training's: first estimate mean and variance of"
            + " batch normalization anew from its inputs, without labels. By one worker."
      })
  private boolean reestimates;

  @Option(names = "--batch", paramLabel = "N", description = "Examples at a time.")
  private String batch = "256";

  @Option(names = "--workers", paramLabel = "N", description = "As in train.")
  private String workers = "0";

  @Option(names = "--threads", paramLabel = "N", description = "As in train.")
  private String threads = "0";

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Spark master; else spark-submit's, else this machine.")
  private String master;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    TrainedModel trained = TrainedModel.read(model);
    EvaluationJob job =
        new EvaluationJob(
            config(trained),
            ModelLookup.always(trained.network()),
            new SparkClusters(
                Optional.ofNullable(master), Runtime.getRuntime().availableProcessors()),
            network -> trained.weights(),
            trained.data());
    EvaluationReport report = (reestimates ? job.reestimating() : job).run();
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("loss", report.loss());
      values.put("accuracy", report.accuracy());
      values.put("top5", report.top5());
      values.put("examples", report.examples());
      values.putAll(report.metrics());
      out.print(Json.line(values) + "\n");
    } else {
      out.print(
          String.format(
              Locale.ROOT,
              "loss %.4f  accuracy %.4f  top5 %.4f  examples %s%n",
              report.loss(),
              report.accuracy(),
              report.top5(),
              Amounts.count(report.examples())));
      report
          .metrics()
          .forEach(
              (name, value) -> out.print(String.format(Locale.ROOT, "%s %.4f%n", name, value)));
    }
    return 0;
  }

  private TrainingConfig config(TrainedModel trained) {
    ConfigLayers layers = ConfigLayers.builtIn();
    trained.loss().forEach((key, value) -> layers.set(key, value, "--model"));
    return layers
        .set("model", trained.network().name(), "--model")
        .set("data.normalize", trained.data().normalize(), "--model")
        .set("data.train", data, "--data")
        .set("data.batch", batch, "--batch")
        .set("train.workers", workers, "--workers")
        .set("train.threads", threads, "--threads")
        .toConfig();
  }
}
