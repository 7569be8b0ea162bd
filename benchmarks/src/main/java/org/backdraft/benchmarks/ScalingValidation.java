package org.backdraft.benchmarks;

import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.GangProbe;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.leaf.Leaves;
import org.backdraft.scaling.CostParameters;
import org.backdraft.scaling.Jitter;
import org.backdraft.scaling.ScalingModel;
import org.backdraft.scaling.StepCompute;
import org.backdraft.scaling.StepPrediction;
import org.backdraft.scaling.StepShape;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Holds the scaling model to what it predicts. The real collectives, each rank a thread, over the
 * links of {@link ShapedGang}, with computing replaced by sleeping, are timed for 4, 8 and 16
 * ranks. What links cost is fitted to a probe of 4 ranks over the same links; then all predictions
 * are printed, and only then steps run. Every line is a JSON object. The sums are checked.
 */
public final class ScalingValidation {
  private static final int[] RANKS = {4, 8, 16};
  private static final List<AllReduceAlgorithm> ALGORITHMS =
      List.of(
          AllReduceAlgorithm.HALVING_DOUBLING, AllReduceAlgorithm.DIRECT, AllReduceAlgorithm.RING);
  private static final int STEPS = 4;
  private static final int BUCKET = 16 * ParameterBlocks.SIZE;
  private static final int BUCKETS = 3;
  private static final int TAIL = 512;

  private static final double LATENCY_SECONDS = 20e-3;
  private static final double SECONDS_PER_BYTE = 1e-6;

  private static final StepCompute COMPUTE = new StepCompute(1, 0.16, new Jitter(0.1, 1));

  private final StepShape shape;

  private ScalingValidation() {
    List<StepShape.Bucket> buckets = new ArrayList<>();
    for (int k = 0; k < BUCKETS; k++) {
      int begin = (BUCKETS - 1 - k) * BUCKET;
      // The forward pass is a third of both, and each bucket's layers are a third of it.
      double needed = (BUCKETS - 1 - k) / 9.0;
      buckets.add(new StepShape.Bucket(begin, begin + BUCKET, needed, 0.5 + 0.25 * k));
    }
    shape = new StepShape(buckets, BlockBorders.uniform(), BUCKETS * BUCKET, TAIL);
  }

  /** Takes no arguments, and two minutes. */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    new ScalingValidation().run(out);
  }

  private void run(PrintStream out) throws Exception {
    CostParameters costs = CostParameters.fitted(probe(hosts(RANKS[0])));
    Map<String, Object> fitted = new LinkedHashMap<>();
    fitted.put("what", "fitted");
    fitted.put("at", Instant.now().toString());
    fitted.put("latency_us", 1e6 * costs.latencySeconds());
    fitted.put("bandwidth_mbytes", 1e-6 / costs.secondsPerByte());
    fitted.put("add_gbytes", 1e-9 / costs.secondsPerAddedByte());
    out.println(line(fitted));
    for (int ranks : RANKS) {
      for (AllReduceAlgorithm algorithm : ALGORITHMS) {
        StepPrediction step =
            ScalingModel.predict(gang(algorithm, ranks), shape, costs, COMPUTE, STEPS);
        Map<String, Object> values = key("predicted", algorithm, ranks);
        values.put("step_ms", 1e3 * step.stepSeconds());
        values.put("compute_ms", 1e3 * step.computeSeconds());
        values.put("straggler_ms", 1e3 * step.stragglerSeconds());
        values.put("communication_ms", 1e3 * step.exchangeSeconds());
        out.println(line(values));
      }
    }
    for (int ranks : RANKS) {
      for (AllReduceAlgorithm algorithm : ALGORITHMS) {
        long cpuNanos = cpuNanos();
        long startNanos = System.nanoTime();
        double seconds = measure(gang(algorithm, ranks));
        double cores = (cpuNanos() - cpuNanos) / (double) (System.nanoTime() - startNanos);
        Map<String, Object> values = key("measured", algorithm, ranks);
        values.put("step_ms", 1e3 * seconds);
        values.put("busy_cores", cores);
        out.println(line(values));
      }
    }
  }

  private static Map<String, Object> key(String what, AllReduceAlgorithm algorithm, int ranks) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("what", what);
    values.put("at", Instant.now().toString());
    values.put("ranks", ranks);
    values.put("algorithm", algorithm.word());
    return values;
  }

  /** A JSON object of numbers and plain words. */
  private static String line(Map<String, Object> values) {
    StringJoiner members = new StringJoiner(",", "{", "}");
    values.forEach(
        (key, value) ->
            members.add(
                "\"" + key + "\":" + (value instanceof Number ? value : "\"" + value + "\"")));
    return members.toString();
  }

  private static ScalingModel.Gang gang(AllReduceAlgorithm algorithm, int ranks) {
    return new ScalingModel.Gang(algorithm, new Leaves(ranks), hosts(ranks));
  }

  private static List<String> hosts(int ranks) {
    List<String> hosts = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      hosts.add("host-" + rank);
    }
    return hosts;
  }

  /** What the probe of a run would measure on such links. */
  private ProbeResult probe(List<String> hosts) throws Exception {
    List<ProbeResult> results = new ArrayList<>();
    GangProbe.Load load = new GangProbe.Load(new Leaves(hosts.size()), BUCKET, BUCKETS * BUCKET);
    onAllRanks(
        hosts.size(),
        (rank, transport) -> {
          ProbeResult result =
              new GangProbe(transport, ScalingValidation::add, shape.borders(), hosts, load)
                  .run(Duration.ofSeconds(1));
          synchronized (results) {
            results.add(result);
          }
        });
    return results.get(0);
  }

  /** What a rank does with its end of the links. */
  @FunctionalInterface
  private interface Body {
    void run(int rank, Transport transport) throws Exception;
  }

  private static void onAllRanks(int worldSize, Body body) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(worldSize, new NamedThreadFactory("validated-rank"));
    try (ShapedGang links = new ShapedGang(worldSize, LATENCY_SECONDS, SECONDS_PER_BYTE)) {
      List<Callable<Void>> ranks = new ArrayList<>();
      for (int rank = 0; rank < worldSize; rank++) {
        int self = rank;
        ranks.add(
            () -> {
              body.run(self, links.transport(self));
              return null;
            });
      }
      for (Future<Void> each : threads.invokeAll(ranks)) {
        each.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  /** Of this process. */
  private static long cpuNanos() {
    return ((com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  /** Seconds of a step. */
  private double measure(ScalingModel.Gang gang) throws Exception {
    // In a tenth of a second all threads have started.
    long startNanos = System.nanoTime() + 100_000_000;
    AtomicLong nanos = new AtomicLong();
    onAllRanks(
        gang.hosts().size(),
        (rank, transport) -> {
          long begin = train(gang, transport, rank, startNanos);
          nanos.accumulateAndGet(begin - startNanos, Math::max);
        });
    return 1e-9 * nanos.get() / STEPS;
  }

  /**
   * A rank's steps: what it would compute it sleeps.
   *
   * @return when it can begin the next one, by the clock of {@link System#nanoTime}
   */
  private long train(ScalingModel.Gang gang, Transport transport, int rank, long startNanos)
      throws Exception {
    Collectives collectives =
        gang.algorithm().create(transport, ScalingValidation::add, shape.borders(), gang.hosts());
    float[][] sums = new float[1][shape.parameters() + shape.tail()];
    float[] parameters = new float[shape.parameters()];
    ShapedGang.sleepUntil(startNanos);
    long beginNanos = startNanos;
    for (int step = 0; step < STEPS; step++) {
      Arrays.fill(sums[0], rank + 1);
      double pass = passNanos(rank, step);
      for (StepShape.Bucket bucket : shape.buckets()) {
        ShapedGang.sleepUntil(beginNanos + Math.round(bucket.readyFraction() * pass));
        collectives.reduceScatter(gang.leaves(), sums, bucket.begin(), bucket.end(), step);
      }
      ShapedGang.sleepUntil(beginNanos + Math.round(pass));
      collectives.allReduce(gang.leaves(), sums, shape.parameters(), sums[0].length, step);
      long updatedNanos = System.nanoTime();
      long[] gatheredNanos = new long[BUCKETS];
      for (int k = BUCKETS - 1; k >= 0; k--) {
        StepShape.Bucket bucket = shape.buckets().get(k);
        ElementRange mine = collectives.owned(rank, bucket.begin(), bucket.end());
        System.arraycopy(sums[0], mine.begin(), parameters, mine.begin(), mine.size());
        double share = mine.size() / (double) shape.parameters();
        updatedNanos += Math.round(1e9 * COMPUTE.updateSeconds() * share);
        ShapedGang.sleepUntil(updatedNanos);
        collectives.allGather(parameters, bucket.begin(), bucket.end(), step);
        gatheredNanos[k] = System.nanoTime();
      }
      check(parameters, gang.hosts().size());
      // The forward pass of the next step goes on up to what is not there yet.
      beginNanos = updatedNanos;
      for (int k = 0; k < BUCKETS; k++) {
        double needed = shape.buckets().get(k).neededFraction() * passNanos(rank, step + 1);
        beginNanos = Math.max(beginNanos, gatheredNanos[k] - Math.round(needed));
      }
    }
    return beginNanos;
  }

  private static double passNanos(int rank, int step) {
    return 1e9 * COMPUTE.passSeconds() * COMPUTE.jitter().factor(rank, step);
  }

  private static void add(float[] target, int a, float[] source, int b, int length) {
    for (int i = 0; i < length; i++) {
      target[a + i] += source[b + i];
    }
  }

  private static void check(float[] sums, int worldSize) {
    float expected = worldSize * (worldSize + 1) / 2f;
    for (float each : sums) {
      if (each != expected) {
        throw new AssertionError("Sums must be " + expected + ": got " + each + ".");
      }
    }
  }
}
