package org.backdraft.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.backdraft.kernel.PeakProbe;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/**
 * Runs the benches that JMH's own options choose, then prints one line for each: time, GFLOP/s with
 * its share of this machine's peak, GB/s.
 */
public final class Benchmarks {
  private static final long PEAK_WINDOW_MILLIS = 500;

  private Benchmarks() {}

  /** Takes JMH's options; {@code -h} lists them. */
  public static void main(String[] args)
      throws CommandLineOptionException,
          RunnerException,
          InterruptedException,
          java.io.IOException {
    CommandLineOptions options = new CommandLineOptions(args);
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    if (options.shouldHelp()) {
      options.showHelp();
      return;
    }
    if (options.shouldList() || options.shouldListWithParams()) {
      new Runner(options).list();
      return;
    }
    Collection<RunResult> results = new Runner(options).run();
    Map<Integer, OptionalDouble> peaks = new TreeMap<>();
    out.printf(
        Locale.ROOT,
        "%n%-52s %-34s %14s %10s %7s %9s%n",
        "bench",
        "parameters",
        "ns",
        "GFLOP/s",
        "peak",
        "GB/s");
    for (RunResult result : results) {
      int threads = threads(result.getParams());
      if (!peaks.containsKey(threads)) {
        peaks.put(threads, PeakProbe.gflops(threads, PEAK_WINDOW_MILLIS));
      }
      out.println(line(result, peaks.get(threads)));
    }
  }

  /** The threads of the team at work, which JMH knows as a parameter like any other. */
  private static int threads(BenchmarkParams params) {
    return params.getParamsKeys().contains("threads")
        ? Integer.parseInt(params.getParam("threads"))
        : 1;
  }

  private static String line(RunResult result, OptionalDouble peak) {
    BenchmarkParams params = result.getParams();
    StringBuilder words = new StringBuilder();
    for (String key : params.getParamsKeys()) {
      words.append(key).append('=').append(params.getParam(key)).append(' ');
    }
    double gflops = rate(result, "flop");
    double bytes = rate(result, "bytes");
    boolean share = gflops > 0 && peak.isPresent();
    return String.format(
        Locale.ROOT,
        "%-52s %-34s %14.1f %10s %7s %9s",
        params.getBenchmark().replaceFirst("^.*\\.(?=[^.]+\\.[^.]+$)", ""),
        words.toString().strip(),
        result.getPrimaryResult().getScore(),
        gflops > 0 ? String.format(Locale.ROOT, "%.2f", gflops) : "",
        share ? String.format(Locale.ROOT, "%.1f%%", 100 * gflops / peak.getAsDouble()) : "",
        bytes > 0 ? String.format(Locale.ROOT, "%.2f", bytes) : "");
  }

  /** A counter of {@link Work} a nanosecond: 10^9 of it a second. 0 where nothing was counted. */
  private static double rate(RunResult result, String counter) {
    Result<?> nanosEach = result.getSecondaryResults().get(counter);
    return nanosEach != null && nanosEach.getScore() > 0 && Double.isFinite(nanosEach.getScore())
        ? 1 / nanosEach.getScore()
        : 0;
  }
}
