package org.backdraft.jobs.bench;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.jobs.bench.ScalingBench.Scaling;
import org.backdraft.jobs.options.NetworkOptions;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.nn.Network;
import org.backdraft.scaling.CostParameters;
import org.backdraft.scaling.StepCompute;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Predicts how training scales. */
@Command(
    name = "scaling",
    sortOptions = false,
    description = {
      "Predicts the step of N workers: what they would exchange is played in a simulator, against"
          + " a network and a compute time that are given or measured here.",
      "What is given is not measured: without --compute-ms a step of one worker is, and without"
          + " any of --latency-us, --bandwidth-mbytes, --add-gbytes two ranks on the loopback"
          + " interface are."
    },
    footer = {
      "",
      "Example: backdraft bench scaling --model resnet50 --batch 16 --ranks 2..4096 --compute-ms"
          + " 2300 --jitter 0.03 --latency-us 50 --bandwidth-mbytes 1250 --add-gbytes 8"
    })
final class ScalingBenchCommand implements Callable<Integer> {
  private static final String AUTO = "auto";

  @Mixin private NetworkOptions of;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Examples a step: of each worker, or with --strong of all together.")
  private int batch = TrainingConfig.defaults().data().batch();

  @Option(
      names = "--strong",
      description = "All numbers of workers share one global batch (strong scaling).")
  private boolean strong;

  @Option(
      names = "--ranks",
      paramLabel = "A..B|N,M,...",
      converter = RankCounts.Converter.class,
      description = "Numbers of workers: A, 2A, 4A ... up to B, or those named.")
  private RankCounts ranks = new RankCounts(List.of(2, 4, 8, 16, 32, 64, 128, 256, 512, 1024));

  @Option(
      names = "--ranks-per-host",
      paramLabel = "H",
      description = "Workers that share a host's link.")
  private int ranksPerHost = 1;

  @Option(
      names = "--algorithm",
      paramLabel = "NAME",
      description =
          "One of train's sync.algorithm; auto is what a run takes without its own measurement.")
  private String algorithm = AUTO;

  @Option(
      names = "--order",
      paramLabel = "exact|fast",
      description = "As train's sync.order: fast sums in a ring.")
  private String order = "exact";

  @Option(names = "--bucket-bytes", paramLabel = "N", description = "As train's sync.bucket-bytes.")
  private int bucketBytes = TrainingConfig.defaults().sync().bucketBytes();

  @Mixin private ComputeOptions computing;

  @Mixin private LinkOptions links;

  @Mixin private BenchOptions options;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException, IOException {
    options.check();
    check();
    Network network = of.network();
    Scaling scaling = strong ? Scaling.STRONG : Scaling.WEAK;
    try {
      Optional<AllReduceAlgorithm> way = way();
      Measured<StepCompute> compute =
          computing.compute(network, batch, options.threads(), options.seconds());
      Measured<CostParameters> costs = links.costs();
      ScalingBench.Request request =
          new ScalingBench.Request(
              network,
              scaling,
              batch,
              ranks.values(),
              ranksPerHost,
              way,
              bucketBytes,
              costs.value(),
              compute.value());
      ScalingReport report =
          new ScalingReport(request, compute, costs, ScalingBench.predict(request));
      PrintWriter out = spec.commandLine().getOut();
      out.print(options.json() ? report.json() : report.text());
    } catch (IllegalArgumentException e) {
      throw new ConfigurationException(e.getMessage(), e);
    }
    return 0;
  }

  private void check() {
    BenchOptions.require(batch >= 1, "--batch must be at least 1: got %s.", batch);
    BenchOptions.require(
        ranksPerHost >= 1, "--ranks-per-host must be at least 1: got %s.", ranksPerHost);
    BenchOptions.require(
        bucketBytes >= 0, "--bucket-bytes must be at least 0: got %s.", bucketBytes);
    computing.check();
    links.check();
    int most = ranks.values().get(ranks.values().size() - 1);
    BenchOptions.require(
        !strong || batch >= most,
        "--batch must be at least the largest of --ranks (" + most + ") with --strong: got %s.",
        batch);
  }

  private Optional<AllReduceAlgorithm> way() {
    BenchOptions.require(
        order.equals("exact") || order.equals("fast"),
        "--order must be exact or fast: got %s.",
        order);
    if (order.equals("fast")) {
      BenchOptions.require(
          algorithm.equals(AUTO),
          "--algorithm must be auto with --order fast, which sums in a ring: got %s.",
          algorithm);
      return Optional.of(AllReduceAlgorithm.RING);
    }
    if (algorithm.equals(AUTO)) {
      return Optional.empty();
    }
    Optional<AllReduceAlgorithm> named =
        AllReduceAlgorithm.named(algorithm).filter(AllReduceAlgorithm::isExact);
    BenchOptions.require(
        named.isPresent(), "--algorithm must be auto or one of train's: got %s.", algorithm);
    return named;
  }
}
