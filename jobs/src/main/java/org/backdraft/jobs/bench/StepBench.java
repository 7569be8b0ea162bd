package org.backdraft.jobs.bench;

import java.util.OptionalDouble;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.PeakProbe;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Optimizer;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;

/**
 * The time of a training step (forward, backward, update) of one worker on synthetic data, without
 * Spark: what every distributed run is compared with.
 */
public final class StepBench {
  private static final float LEARNING_RATE = 1e-4f;
  private static final int LEAST_STEPS = 3;
  private static final long PEAK_WINDOW_MILLIS = 300;

  /**
   * What to measure.
   *
   * @param batch examples of a global batch, all of them this worker's
   * @param seconds of measurement; the JIT compiler is warmed up before for half as long
   */
  public record Request(
      Network network,
      int batch,
      int threads,
      double seconds,
      Leaves leaves,
      Optimizer optimizer) {}

  /**
   * What came out.
   *
   * @param kernels that ran
   * @param steps that were measured
   * @param gflops 10^9 operations of {@link StepFlops} a second
   * @param peakGflops see {@link PeakProbe}; empty where it cannot be measured
   */
  public record Result(
      String kernels,
      long steps,
      double msPerStep,
      double examplesPerSecond,
      double gflops,
      OptionalDouble peakGflops) {
    /** The share of the peak that was reached. */
    public OptionalDouble peakFraction() {
      return peakGflops.isPresent()
          ? OptionalDouble.of(gflops / peakGflops.getAsDouble())
          : OptionalDouble.empty();
    }
  }

  private final Request request;
  private final Replica replica;
  private final Batch batch;
  private final float[][] state;
  private long step;

  private StepBench(Request request, Replica replica) {
    this.request = request;
    this.replica = replica;
    Network network = request.network();
    Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 1);
    Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 1);
    state = new float[request.optimizer().stateSlots()][network.parameterTable().size()];
    int classes = network.output().dim(0);
    // One label for each pixel of the output; a vector is one pixel.
    int labels = network.output().elements() / classes;
    batch = new Batch(ActivationLayout.dense(network.input()), request.batch(), labels);
    fillBatch(classes);
  }

  /**
   * Measures, in about twice {@code request.seconds()}.
   *
   * @throws IllegalArgumentException if the batch is too large to be planned
   */
  public static Result run(Request request) throws InterruptedException {
    KernelLookup.Choice choice = KernelLookup.choose();
    Plan plan =
        Plan.compile(
            new Plan.Request(
                request.network(),
                Loss.SOFTMAX_CROSS_ENTROPY,
                request.leaves(),
                request.leaves().rangeOf(0, 1),
                request.batch(),
                request.threads(),
                request.optimizer().stateSlots()),
            choice.kernels());
    long steps;
    double seconds;
    try (Replica replica = new Replica(plan)) {
      StepBench bench = new StepBench(request, replica);
      bench.stepsFor(request.seconds() / 2);
      long began = System.nanoTime();
      steps = bench.stepsFor(request.seconds());
      seconds = 1e-9 * (System.nanoTime() - began);
    }
    double examplesPerSecond = steps * (double) request.batch() / seconds;
    return new Result(
        choice.kernels().description(),
        steps,
        1e3 * seconds / steps,
        examplesPerSecond,
        1e-9 * examplesPerSecond * StepFlops.perExample(request.network()),
        PeakProbe.gflops(request.threads(), PEAK_WINDOW_MILLIS));
  }

  private void fillBatch(int classes) {
    batch.reset(request.batch(), request.batch());
    float[] inputs = batch.inputs();
    for (int i = 0; i < inputs.length; i++) {
      inputs[i] = CounterRandom.uniform(1, 0, i);
    }
    for (int i = 0; i < batch.labels().length; i++) {
      batch.labels()[i] = i % classes;
    }
    for (int i = 0; i < request.batch(); i++) {
      batch.exampleIds()[i] = i;
    }
  }

  private long stepsFor(double seconds) {
    long end = System.nanoTime() + (long) (1e9 * seconds);
    long done = 0;
    while (done < LEAST_STEPS || System.nanoTime() < end) {
      replica.trainStep(batch, 1, 0);
      // One worker holds all leaves: they are one subtree, and its sum is the sum.
      replica.update(request.optimizer(), replica.sums()[0], state, LEARNING_RATE, ++step);
      done++;
    }
    return done;
  }
}
