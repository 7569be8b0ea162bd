package org.backdraft.jobs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.options.DefaultOptimizer;
import org.backdraft.jobs.options.LeavesOption;
import org.backdraft.jobs.options.NetworkOptions;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.MemoryText;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.plan.MemoryReport;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.NetworkSummary;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Tells what a network is made of and what a worker needs for it. */
@Command(
    name = "summary",
    sortOptions = false,
    description = "Lists a network's layers, parameters, activations and memory.",
    footer = {"", "Example: backdraft summary --model lenet5 --input 1x28x28"})
final class SummaryCommand implements Callable<Integer> {
  @Mixin private NetworkOptions of;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Examples of the batch that memory is counted for.")
  private int batch = TrainingConfig.defaults().data().batch();

  @Option(
      names = "--threads",
      paramLabel = "T",
      description = "Threads that memory is counted for; else all cores.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--leaves",
      paramLabel = "V",
      description = "Leaves of a batch; else the default for it.")
  private int leaves;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    if (batch < 1 || threads < 1) {
      throw new ConfigurationException(
          "--batch and --threads must be at least 1: got %d and %d.".formatted(batch, threads));
    }
    NetworkOptions.Named named = of.named();
    Network network = named.network();
    NetworkSummary summary = NetworkSummary.of(network);
    MemoryReport memory = memory(network);
    spec.commandLine()
        .getOut()
        .print(
            json
                ? json(summary, memory, named.classes())
                : text(summary, memory) + text(named.classes()));
    return 0;
  }

  private MemoryReport memory(Network network) {
    Leaves cut = LeavesOption.leaves(leaves, batch);
    Plan.Request request =
        new Plan.Request(
            network,
            Loss.SOFTMAX_CROSS_ENTROPY,
            cut,
            cut.rangeOf(0, 1),
            batch,
            threads,
            DefaultOptimizer.create().stateSlots());
    try {
      return Plan.compile(request, KernelLookup.choose().kernels()).memory();
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
  }

  private String text(NetworkSummary summary, MemoryReport memory) {
    TextTable table =
        new TextTable(
            "layer", "type", "output", ">parameters", ">activations", ">field", ">multiply-adds");
    for (NetworkSummary.Row row : summary.layers()) {
      table.row(
          row.name(),
          row.type(),
          row.output().toString(),
          Amounts.count(row.parameters()),
          Amounts.count(row.activations()),
          String.valueOf(field(row)).replace(", ", "x").replaceAll("[\\[\\]]", ""),
          Amounts.count(row.multiplyAdds()));
    }
    table.row(
        "total",
        "",
        "",
        Amounts.count(summary.parameters()),
        Amounts.count(summary.activations()),
        "",
        Amounts.count(summary.multiplyAdds()));
    return "%s of %s%n%n%s%nMemory of a worker with %d threads and all %d examples of a batch:%n%s"
        .formatted(summary.name(), summary.input(), table, threads, batch, MemoryText.of(memory));
  }

  private static String text(List<String> classes) {
    return classes.isEmpty() ? "" : "%nClasses: %s%n".formatted(String.join(", ", classes));
  }

  private String json(NetworkSummary summary, MemoryReport memory, List<String> classes) {
    List<Map<String, Object>> layers = new ArrayList<>();
    for (NetworkSummary.Row row : summary.layers()) {
      Map<String, Object> layer = new LinkedHashMap<>();
      layer.put("name", row.name());
      layer.put("type", row.type());
      layer.put("output", dims(row.output()));
      layer.put("parameters", row.parameters());
      layer.put("activations", row.activations());
      layer.put("receptive_field", field(row));
      layer.put("multiply_adds", row.multiplyAdds());
      layers.add(layer);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("name", summary.name());
    values.put("input", dims(summary.input()));
    values.put("parameters", summary.parameters());
    values.put("multiply_adds", summary.multiplyAdds());
    values.put("activations", summary.activations());
    values.put("batch", batch);
    values.put("threads", threads);
    values.put("memory", MemoryText.map(memory));
    if (!classes.isEmpty()) {
      values.put("classes", classes);
    }
    values.put("layers", layers);
    return Json.line(values) + "\n";
  }

  /**
   * One number where the field is as large along all axes, else depth (of volumes), height, width.
   */
  private static Object field(NetworkSummary.Row row) {
    int d = row.receptiveFieldD();
    int h = row.receptiveFieldH();
    int w = row.receptiveFieldW();
    if (row.output().isVolume() || d > 1) {
      return d == h && h == w ? (Object) h : List.of(d, h, w);
    }
    return h == w ? (Object) h : List.of(h, w);
  }

  private static List<Integer> dims(Shape shape) {
    List<Integer> dims = new ArrayList<>();
    for (int dim : shape.toArray()) {
      dims.add(dim);
    }
    return dims;
  }
}
