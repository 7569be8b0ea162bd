package org.backdraft.jobs.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.scaling.CostParameters;
import org.backdraft.scaling.StepCompute;
import org.backdraft.scaling.StepPrediction;

/**
 * What {@code bench scaling} prints: what it has been given, what it has measured, what follows.
 */
record ScalingReport(
    ScalingBench.Request request,
    Measured<StepCompute> compute,
    Measured<CostParameters> costs,
    List<ScalingBench.Row> rows) {

  /** The parameters of the model, by key and in the key's unit. */
  private Map<String, Object> parameters() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("compute_ms", 1e3 * compute.value().passSeconds());
    values.put("update_ms", 1e3 * compute.value().updateSeconds());
    values.put("jitter", compute.value().jitter().variation());
    values.put("latency_us", 1e6 * costs.value().latencySeconds());
    values.put("bandwidth_mbytes", 1e-6 / costs.value().secondsPerByte());
    values.put("add_gbytes", 1e-9 / costs.value().secondsPerAddedByte());
    return values;
  }

  private List<String> measured() {
    List<String> keys = new ArrayList<>(compute.measured());
    keys.addAll(costs.measured());
    return keys;
  }

  private boolean isWeak() {
    return request.scaling() == ScalingBench.Scaling.WEAK;
  }

  String json() {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("model", request.network().name());
    values.put("scaling", isWeak() ? "weak" : "strong");
    values.put("batch", request.batch());
    values.put("parameters", request.network().parameterTable().size());
    values.put("bucket_bytes", request.bucketBytes());
    values.put("ranks_per_host", request.ranksPerHost());
    values.putAll(parameters());
    values.put("measured", measured());
    values.put("predictions", rows.stream().map(ScalingReport::map).toList());
    return Json.line(values) + "\n";
  }

  private static Map<String, Object> map(ScalingBench.Row row) {
    StepPrediction step = row.step();
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("ranks", row.ranks());
    values.put("algorithm", row.algorithm().word());
    values.put("leaves", row.leaves().count());
    values.put("compute_ms", 1e3 * step.computeSeconds());
    values.put("straggler_ms", 1e3 * step.stragglerSeconds());
    values.put("communication_ms", 1e3 * step.exchangeSeconds());
    values.put("step_ms", 1e3 * step.stepSeconds());
    values.put("efficiency", row.efficiency());
    values.put("sent_bytes", step.sentBytes());
    values.put("peers", step.peers());
    values.put("simulated_steps", step.steps());
    return values;
  }

  String text() {
    TextTable parameters = new TextTable("  parameter", ">value", "");
    parameters()
        .forEach((key, value) -> parameters.row("  " + key, number((double) value), origin(key)));
    TextTable table =
        new TextTable(
            ">ranks",
            "algorithm",
            ">compute ms",
            ">stragglers ms",
            ">communication ms",
            ">step ms",
            ">efficiency",
            ">sent",
            ">peers");
    for (ScalingBench.Row row : rows) {
      StepPrediction step = row.step();
      table.row(
          Integer.toString(row.ranks()),
          row.algorithm().word(),
          millis(step.computeSeconds()),
          millis(step.stragglerSeconds()),
          millis(step.exchangeSeconds()),
          millis(step.stepSeconds()),
          Amounts.percent(row.efficiency()),
          Amounts.bytes(step.sentBytes()),
          Integer.toString(step.peers()));
    }
    return String.format(
            Locale.ROOT,
            "%s  %s scaling, %s  %s parameters in buckets of %s%n%n",
            request.network().name(),
            isWeak() ? "weak" : "strong",
            isWeak()
                ? "batch " + request.batch() + " of each worker"
                : "one batch of " + request.batch(),
            Amounts.count(request.network().parameterTable().size()),
            request.bucketBytes() == 0 ? "any size" : Amounts.bytes(request.bucketBytes()))
        + parameters
        + "\nPredicted, not measured:\n"
        + table
        + "\nA step is compute, the slowest worker's excess, and communication that computing does not"
        + " hide.\nEfficiency is that of one worker's step, "
        + (isWeak() ? "T(1) / T(N).\n" : "T(1) / (N T(N)).\n");
  }

  private String origin(String key) {
    if (!measured().contains(key)) {
      return "given";
    }
    return costs.measured().contains(key)
        ? "measured: two ranks, loopback interface"
        : "measured: one worker, batch " + request.batch();
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4g", value);
  }

  private static String millis(double seconds) {
    return String.format(Locale.ROOT, "%.2f", 1e3 * seconds);
  }
}
