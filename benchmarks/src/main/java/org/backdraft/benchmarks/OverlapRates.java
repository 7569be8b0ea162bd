package org.backdraft.benchmarks;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.transport.Transport;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.sync.AllReduceSynchronizer;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.driver.sync.Updates;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Averaging;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.Shape;
import org.backdraft.zoo.ModelZoo;

/**
 * What it is worth that parameters arrive while the next forward pass begins: two ranks of one
 * thread each train over the slow links of {@link ShapedGang}, in rounds that wait for all
 * parameters after each step and rounds that do not, in turn. Prints a JSON object with the median
 * step of each.
 */
public final class OverlapRates {
  private static final int RANKS = 2;
  private static final int WARM_UP = 20;
  private static final int ROUNDS = 5;
  private static final int STEPS = 20;
  private static final Leaves LEAVES = new Leaves(64);

  private final Network network;
  private final int localBatch;
  private final int bucketBytes;
  private final CyclicBarrier together = new CyclicBarrier(RANKS);

  private OverlapRates(Network network, int localBatch, int bucketBytes) {
    this.network = network;
    this.localBatch = localBatch;
    this.bucketBytes = bucketBytes;
  }

  /**
   * Takes a network, its input as CxHxW, the examples of a rank, the links' MB/s and the bytes of a
   * bucket.
   */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    int[] dims = Arrays.stream(args[1].split("x", -1)).mapToInt(Integer::parseInt).toArray();
    Network network = ModelZoo.create(args[0], Shape.of(dims), 10);
    OverlapRates rates =
        new OverlapRates(network, Integer.parseInt(args[2]), Integer.parseInt(args[4]));
    double[] medians = rates.measure(1e-6 / Double.parseDouble(args[3]));
    out.printf(
        Locale.ROOT,
        "{\"net\": \"%s\", \"input\": \"%s\", \"batch_of_a_rank\": %s, \"link_mbytes\": %s,"
            + " \"bucket_bytes\": %s, \"awaited_ms\": %.2f, \"arriving_ms\": %.2f}%n",
        args[0],
        args[1],
        args[2],
        args[3],
        args[4],
        medians[0],
        medians[1]);
  }

  private double[] measure(double secondsPerByte) throws Exception {
    ExecutorService threads =
        Executors.newFixedThreadPool(RANKS, new NamedThreadFactory("measured-rank"));
    try (ShapedGang links = new ShapedGang(RANKS, 100e-6, secondsPerByte)) {
      List<Callable<double[]>> ranks = new ArrayList<>();
      for (int rank = 0; rank < RANKS; rank++) {
        Transport transport = links.transport(rank);
        ranks.add(() -> train(transport));
      }
      double[] medians = null;
      for (Future<double[]> each : threads.invokeAll(ranks)) {
        medians = each.get();
      }
      return medians;
    } finally {
      threads.shutdownNow();
    }
  }

  /** The median step of each way. */
  private double[] train(Transport transport) throws Exception {
    Kernels kernels = KernelLookup.choose().kernels();
    LeafRange range = LEAVES.rangeOf(transport.context().rank(), RANKS);
    Plan.Request request =
        new Plan.Request(network, Loss.SOFTMAX_CROSS_ENTROPY, LEAVES, range, localBatch, 1, 1);
    try (Replica replica = new Replica(Plan.compile(request, kernels));
        Synchronizer synchronizer = synchronizer(replica, transport, kernels)) {
      Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 7);
      Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 7);
      Batch batch = batch(transport.context().rank());
      double[][] millis = new double[2][ROUNDS * STEPS];
      long step = 0;
      for (int i = 0; i < WARM_UP; i++) {
        synchronizer.step(batch, 0, step++, 1e-4f);
      }
      for (int i = 0; i < 2 * ROUNDS; i++) {
        synchronizer.awaitParameters();
        meet();
        for (int s = 0; s < STEPS; s++) {
          long startNanos = System.nanoTime();
          synchronizer.step(batch, 0, step++, 1e-4f);
          if (i % 2 == 0) {
            synchronizer.awaitParameters();
          }
          millis[i % 2][i / 2 * STEPS + s] = 1e-6 * (System.nanoTime() - startNanos);
        }
      }
      synchronizer.settle(step);
      return new double[] {median(millis[0]), median(millis[1])};
    }
  }

  private Synchronizer synchronizer(Replica replica, Transport transport, Kernels kernels) {
    ParameterBlocks blocks = new ParameterBlocks(replica.plan().parameterTable());
    Collectives collectives =
        AllReduceAlgorithm.HALVING_DOUBLING.create(
            transport, kernels.matrix()::add, BlockBorders.of(blocks), List.of("host-0", "host-1"));
    Updates updates =
        new Updates(
            new Momentum(0.9f, false, 0),
            ParameterGroups.NONE,
            Clipping.NONE,
            Averaging.NONE,
            1,
            false);
    return new AllReduceSynchronizer(
        replica, collectives, collectives, transport.context(), updates, bucketBytes);
  }

  private Batch batch(int rank) {
    Batch batch = new Batch(ActivationLayout.dense(network.input()), localBatch, 1);
    batch.reset(localBatch, RANKS * localBatch);
    Random random = new Random(rank);
    for (int i = 0; i < batch.inputs().length; i++) {
      batch.inputs()[i] = random.nextFloat() - 0.5f;
    }
    return batch;
  }

  private void meet() throws InterruptedException {
    try {
      together.await();
    } catch (BrokenBarrierException e) {
      throw new IllegalStateException("The other rank has failed.", e);
    }
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
