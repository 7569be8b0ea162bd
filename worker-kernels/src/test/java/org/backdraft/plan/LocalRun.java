package org.backdraft.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.leaf.TreeSum;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.optim.Optimizer;
import org.backdraft.tensor.ActivationLayout;

/** A gang of replicas in one JVM, run one after the other: what tests compare bits with. */
final class LocalRun implements AutoCloseable {
  static final Kernels KERNELS = KernelLookup.choose().kernels();

  private final Leaves leaves;
  private final boolean isTogether;
  private final List<LeafRange> ranges = new ArrayList<>();
  private final List<LeafRange> nodes = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private final List<Batch> batches = new ArrayList<>();
  private final List<float[][]> states = new ArrayList<>();
  private long step;

  LocalRun(
      Network network, Loss loss, Leaves leaves, int worldSize, int threads, int mostExamples) {
    this(network, loss, leaves, worldSize, threads, mostExamples, Plan.Options.DEFAULT);
  }

  LocalRun(
      Network network,
      Loss loss,
      Leaves leaves,
      int worldSize,
      int threads,
      int mostExamples,
      Plan.Options options) {
    this.leaves = leaves;
    isTogether = options.batchNormSync();
    for (int rank = 0; rank < worldSize; rank++) {
      LeafRange range = leaves.rangeOf(rank, worldSize);
      ranges.add(range);
      nodes.addAll(range.subtrees());
      int capacity = Math.max(1, mostExamples * range.size() / leaves.count() + 1);
      Plan plan =
          Plan.compile(
              new Plan.Request(network, loss, leaves, range, capacity, threads, 2).with(options),
              KERNELS);
      Replica replica = new Replica(plan);
      Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 7);
      Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 7);
      replicas.add(replica);
      int targets = loss instanceof HeadLosses heads ? heads.targets() : 0;
      ActivationLayout layout = ActivationLayout.dense(network.input());
      batches.add(new Batch(layout, capacity, plan.lossStep().labels(), targets));
      states.add(new float[2][network.parameterTable().size()]);
    }
  }

  static LocalRun single(Network network, int examples) {
    return new LocalRun(
        network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(1), 1, 1, Math.max(1, examples));
  }

  Replica replica(int rank) {
    return replicas.get(rank);
  }

  Batch batch(int rank) {
    return batches.get(rank);
  }

  /** The sums over the global batch of {@code examples} random examples. */
  float[] step(int examples, long dataSeed, long seed, long epoch) {
    List<float[]> sums = new ArrayList<>();
    for (int rank = 0; rank < replicas.size(); rank++) {
      fill(rank, examples, dataSeed);
      if (!isTogether) {
        replicas.get(rank).trainStep(batches.get(rank), seed, epoch);
      }
    }
    if (isTogether) {
      stepTogether(seed, epoch);
    }
    for (int rank = 0; rank < replicas.size(); rank++) {
      for (float[] each : replicas.get(rank).sums()) {
        sums.add(each.clone());
      }
    }
    for (TreeSum.Addition addition : TreeSum.plan(leaves, nodes)) {
      float[] target = sums.get(addition.target());
      float[] source = sums.get(addition.source());
      for (int i = 0; i < target.length; i++) {
        target[i] += source[i];
      }
    }
    return sums.get(0);
  }

  /** All replicas at once, which meet for their batch sums. */
  private void stepTogether(long seed, long epoch) {
    MeetingSums meeting = new MeetingSums(leaves, ranges);
    ExecutorService threads =
        Executors.newFixedThreadPool(replicas.size(), new NamedThreadFactory("test-worker"));
    try {
      List<Future<?>> steps = new ArrayList<>();
      for (int rank = 0; rank < replicas.size(); rank++) {
        Replica replica = replicas.get(rank);
        Batch batch = batches.get(rank);
        BatchSums peers = meeting.of(rank);
        steps.add(
            threads.submit(
                () -> {
                  replica.trainStep(batch, seed, epoch, GradientListener.NONE, peers);
                  return null;
                }));
      }
      for (Future<?> each : steps) {
        Object unused = each.get(60, TimeUnit.SECONDS);
      }
    } catch (InterruptedException | ExecutionException | TimeoutException e) {
      throw new IllegalStateException("All workers must end their step.", e);
    } finally {
      threads.shutdownNow();
    }
  }

  /** Fills a worker's batch with its part of a global batch. */
  void fill(int rank, int examples, long dataSeed) {
    Batch batch = batches.get(rank);
    LeafRange range = ranges.get(rank);
    int begin = leaves.begin(range.begin(), examples);
    int end = leaves.begin(range.end(), examples);
    batch.reset(end - begin, examples);
    Network network = replicas.get(rank).plan().request().network();
    int classes = network.output().dim(0);
    RandomInputs inputs = new RandomInputs(network);
    for (int e = begin; e < end; e++) {
      Random random = new Random(dataSeed * 1_000_003 + e);
      int base = (e - begin) * batch.layout().size();
      for (int i = 0; i < batch.layout().size(); i++) {
        batch.inputs()[base + i] = inputs.next(random);
      }
      for (int i = 0; i < batch.labelsPerExample(); i++) {
        batch.labels()[(e - begin) * batch.labelsPerExample() + i] = random.nextInt(classes);
      }
      if (replicas.get(rank).plan().request().loss() instanceof HeadLosses heads) {
        fill(
            heads,
            batch.targets(),
            (e - begin) * batch.targetsPerExample(),
            dataSeed * 1_000_003 + e);
      }
      batch.exampleIds()[e - begin] = 100 + e;
    }
  }

  /** Heads that share a number find the same one. */
  private static void fill(HeadLosses heads, float[] targets, int base, long seed) {
    for (Head head : heads.heads()) {
      for (int i = head.firstTarget(); i < head.firstTarget() + head.targets(); i++) {
        Random random = new Random(~seed + 31L * i);
        targets[base + i] =
            head.isOfClasses() ? random.nextInt(head.classes()) : (float) random.nextGaussian();
      }
    }
  }

  void update(Optimizer optimizer, float[] sum, float learningRate) {
    step++;
    for (int rank = 0; rank < replicas.size(); rank++) {
      replicas.get(rank).update(optimizer, sum, states.get(rank), learningRate, step);
    }
  }

  @Override
  public void close() {
    replicas.forEach(Replica::close);
  }
}
