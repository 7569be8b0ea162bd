package org.backdraft.driver.sync;

import java.util.Arrays;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.ExactAlgorithm;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.Transport;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Averaging;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.WeightsDigest;

/** One rank that trains on random examples by {@code allreduce}. */
final class SyncRank implements AutoCloseable {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final int GLOBAL_BATCH = 21;

  /** Of every third batch, as at an epoch's end: leaves, and some ranks, have no examples. */
  private static final int SHORT_BATCH = 5;

  /** What all ranks of a test have in common. */
  record Setup(
      Network network,
      Optimizer optimizer,
      Clipping clipping,
      int bucketBytes,
      Plan.Options options,
      boolean skipsNonFinite) {
    static final Leaves LEAVES = new Leaves(8);

    Setup(Network network, Optimizer optimizer, Clipping clipping, int bucketBytes) {
      this(network, optimizer, clipping, bucketBytes, Plan.Options.DEFAULT);
    }

    Setup(
        Network network,
        Optimizer optimizer,
        Clipping clipping,
        int bucketBytes,
        Plan.Options options) {
      this(network, optimizer, clipping, bucketBytes, options, false);
    }

    /** The same, which leaves out steps that are not finite. */
    Setup skipping() {
      return new Setup(network, optimizer, clipping, bucketBytes, options, true);
    }

    /** The same with buckets of another size. */
    Setup withBuckets(int bytes) {
      return new Setup(network, optimizer, clipping, bytes, options, skipsNonFinite);
    }
  }

  private final Replica replica;
  private final AllReduceSynchronizer synchronizer;
  private final LeafRange range;
  private final Batch batch;
  private long step;

  /**
   * @param around what the synchronizer is given for the collectives of the transport
   */
  SyncRank(Setup setup, Transport transport, int threads, UnaryOperator<Collectives> around) {
    int rank = transport.context().rank();
    Network network = setup.network();
    range = Setup.LEAVES.rangeOf(rank, transport.context().worldSize());
    // As a worker has it: of ranges of unequal length, plans differ.
    int capacity = localSize(range, GLOBAL_BATCH);
    Plan plan =
        Plan.compile(
            new Plan.Request(
                    network, Loss.SOFTMAX_CROSS_ENTROPY, Setup.LEAVES, range, capacity, threads, 2)
                .with(setup.options()),
            KERNELS);
    replica = new Replica(plan);
    Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 7);
    Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 7);
    batch = new Batch(ActivationLayout.dense(network.input()), capacity, 1);
    ParameterBlocks blocks = new ParameterBlocks(plan.parameterTable());
    Collectives collectives =
        new ExactAllReduce(
            transport,
            KERNELS.matrix()::add,
            BlockBorders.of(blocks),
            ExactAlgorithm.defaultFor(transport.context().worldSize()));
    Collectives watched = around.apply(collectives);
    synchronizer =
        new AllReduceSynchronizer(
            replica,
            watched,
            watched,
            transport.context(),
            new Updates(
                setup.optimizer(),
                ParameterGroups.NONE,
                setup.clipping(),
                Averaging.NONE,
                3,
                setup.skipsNonFinite()),
            setup.bucketBytes());
  }

  /** Another step on other examples. */
  void step() throws Exception {
    fill();
    repeat();
  }

  /**
   * Another step, in which two examples, far apart in the global batch, have this value for each
   * input.
   *
   * @return what is told of the step
   */
  StepSums poisoned(float value) throws Exception {
    fill();
    int examples = batch.globalSize();
    int begin = Setup.LEAVES.begin(range.begin(), examples);
    for (int e : new int[] {0, examples - 1}) {
      if (e >= begin && e < begin + batch.size()) {
        int size = batch.layout().size();
        Arrays.fill(batch.inputs(), (e - begin) * size, (e - begin + 1) * size, value);
      }
    }
    StepSums sums = synchronizer.step(batch, 0, step, 0.01f);
    step++;
    return sums;
  }

  /** Lets a step go by. */
  void leaveOut() {
    step++;
  }

  /** Another step on the same examples. */
  void repeat() throws Exception {
    StepSums unused = synchronizer.step(batch, 0, step, 0.01f);
    step++;
  }

  private static int localSize(LeafRange range, int examples) {
    return Setup.LEAVES.begin(range.end(), examples) - Setup.LEAVES.begin(range.begin(), examples);
  }

  private void fill() {
    int examples = step % 3 == 2 ? SHORT_BATCH : GLOBAL_BATCH;
    int begin = Setup.LEAVES.begin(range.begin(), examples);
    int end = begin + localSize(range, examples);
    batch.reset(end - begin, examples);
    int classes = replica.plan().request().network().output().dim(0);
    int size = batch.layout().size();
    for (int e = begin; e < end; e++) {
      Random random = new Random(step * 1_000_003 + e);
      for (int i = 0; i < size; i++) {
        batch.inputs()[(e - begin) * size + i] = 2 * random.nextFloat() - 1;
      }
      batch.labels()[e - begin] = random.nextInt(classes);
      batch.exampleIds()[e - begin] = (int) (100 * step + e);
    }
  }

  /** Where the time of the last step went. */
  StepTimes times() {
    return synchronizer.times();
  }

  /** Of parameters and buffers. */
  String digest() throws Exception {
    synchronizer.awaitParameters();
    return WeightsDigest.sha256(
        replica.plan().parameterTable(),
        replica.parameters(),
        replica.plan().bufferTable(),
        replica.buffers());
  }

  @Override
  public void close() {
    synchronizer.close();
    replica.close();
  }
}
