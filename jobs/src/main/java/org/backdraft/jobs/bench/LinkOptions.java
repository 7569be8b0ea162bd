package org.backdraft.jobs.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.scaling.CostParameters;
import picocli.CommandLine.Option;

/** What messages and additions cost: as told, or as much as here. */
final class LinkOptions {
  @Option(names = "--latency-us", paramLabel = "A", description = "Of a message.")
  private Double latencyMicros;

  @Option(
      names = "--bandwidth-mbytes",
      paramLabel = "B",
      description = "Of a host's link, each way, in 10^6 bytes a second.")
  private Double bandwidthMbytes;

  @Option(
      names = "--add-gbytes",
      paramLabel = "G",
      description = "Sums that a worker adds, in 10^9 bytes a second.")
  private Double addGbytes;

  /** Refuses values that are out of range. */
  void check() {
    BenchOptions.requireNotBelow("--latency-us", latencyMicros);
    BenchOptions.requireAbove("--bandwidth-mbytes", bandwidthMbytes);
    BenchOptions.requireAbove("--add-gbytes", addGbytes);
  }

  /** What was given; the rest is measured over the loopback interface. */
  Measured<CostParameters> costs() throws IOException, InterruptedException {
    List<String> measured = new ArrayList<>();
    addIfAbsent(measured, "latency_us", latencyMicros);
    addIfAbsent(measured, "bandwidth_mbytes", bandwidthMbytes);
    addIfAbsent(measured, "add_gbytes", addGbytes);
    CostParameters here =
        measured.isEmpty() ? new CostParameters(0, 0, 0) : ScalingBench.measureCosts();
    return new Measured<>(
        new CostParameters(
            latencyMicros == null ? here.latencySeconds() : 1e-6 * latencyMicros,
            bandwidthMbytes == null ? here.secondsPerByte() : 1e-6 / bandwidthMbytes,
            addGbytes == null ? here.secondsPerAddedByte() : 1e-9 / addGbytes),
        measured);
  }

  private static void addIfAbsent(List<String> measured, String key, Double value) {
    if (value == null) {
      measured.add(key);
    }
  }
}
