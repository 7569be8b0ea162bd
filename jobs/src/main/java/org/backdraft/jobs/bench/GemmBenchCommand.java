package org.backdraft.jobs.bench;

import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Json;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures a matrix product. */
@Command(
    name = "gemm",
    sortOptions = false,
    description = "Measures the product of two square float32 matrices, packing included.",
    footer = {"", "Example: backdraft bench gemm --size 1024 --threads 2 --json"})
final class GemmBenchCommand implements Callable<Integer> {
  @Option(names = "--size", paramLabel = "N", description = "Rows and columns.")
  private int size = 1024;

  @Mixin private BenchOptions options;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    options.check();
    BenchOptions.require(
        size >= 1 && size <= GemmProduct.MOST,
        "--size must lie in [1, " + GemmProduct.MOST + "]: got %s.",
        size);
    GemmBench.Result result =
        GemmBench.run(new GemmBench.Request(size, options.threads(), options.seconds()));
    double ms = 1e3 * result.timing().medianSeconds();
    PrintWriter out = spec.commandLine().getOut();
    if (options.json()) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("size", size);
      values.put("threads", options.threads());
      values.put("kernels", result.kernels());
      values.put("ms", ms);
      values.putAll(BenchOptions.values(result.throughput(), result.timing()));
      out.print(Json.line(values) + "\n");
      return 0;
    }
    out.print(
        String.format(
            Locale.ROOT,
            "%d x %d x %d  %d threads  %s kernels%n%.3f ms  %s%n",
            size,
            size,
            size,
            options.threads(),
            result.kernels(),
            ms,
            BenchOptions.words(result.throughput(), result.timing())));
    return 0;
  }
}
