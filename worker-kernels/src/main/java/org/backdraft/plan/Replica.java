package org.backdraft.plan;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import org.backdraft.concurrent.Team;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Head;
import org.backdraft.nn.IndexException;
import org.backdraft.nn.Network;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Slot;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.TensorRules;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * A worker's copy of a network, with memory: weights, buffers, activations, gradients and a team of
 * threads. Steps allocate nothing.
 *
 * <p>Used by one thread, which is the team's thread 0.
 */
public final class Replica implements AutoCloseable {
  private final Plan plan;
  private final ReplicaPass pass;
  private final Team team;
  private final Operation[] operations;
  private final PassRunner runner;
  private final NonFiniteLayers nonFinite;
  private final TrainingPasses training;
  private final FiniteCheck finiteCheck;
  private final TrainingPasses.Check pieceCheck = this::check;
  private final boolean needsPeers;
  private ParameterUpdate update;
  private TensorRules rules; // of the optimiser that has updated all tensors alike; null before
  private int signal;

  /**
   * Allocates the plan's memory and starts {@code threads - 1} threads.
   *
   * @throws IllegalArgumentException if the JVM's heap cannot hold the plan
   */
  public Replica(Plan plan) {
    this.plan = plan;
    long needed = plan.memory().totalBytes();
    long heap = Runtime.getRuntime().maxMemory();
    Checks.argument(
        needed <= heap,
        "Network '%s' with %d local examples needs %d MiB of heap: the JVM has %d MiB. Set a larger"
            + " heap (-Xmx, --executor-memory), a smaller batch or more workers, or train"
            + " with train.accumulate.",
        plan.request().network().name(),
        plan.request().capacity(),
        needed >> 20,
        heap >> 20);
    pass = new ReplicaPass(plan);
    operations = plan.operations().toArray(Operation[]::new);
    needsPeers =
        plan.mostBatchSums() > 0
            && plan.request().leafRange().size() < plan.request().leaves().count();
    team = new Team(plan.request().threads());
    runner = new PassRunner(plan, pass, team);
    nonFinite = new NonFiniteLayers(plan, pass);
    training = new TrainingPasses(plan, pass, runner, nonFinite, team);
    finiteCheck = new FiniteCheck(plan.kernels().update(), team);
    own(OwnedParameters.all(new ParameterBlocks(plan.parameterTable())));
  }

  public Plan plan() {
    return plan;
  }

  /** All parameters, in logical order at the offsets of the network's parameter table. */
  public float[] parameters() {
    return pass.parameters();
  }

  /** All buffers, likewise of the buffer table. */
  public float[] buffers() {
    return pass.buffers();
  }

  /**
   * The sums of the last {@link #trainStep}: one array in {@link ReductionLayout} order for each
   * subtree of this worker's leaves.
   */
  public float[][] sums() {
    return training.sums();
  }

  /**
   * Forward, loss and backward over the local batch; overwrites {@link #sums}. Parameters and
   * buffers do not change.
   *
   * @param batch exactly the examples of this worker's leaves
   * @param seed with epoch and example ids the key of dropout's random numbers
   * @throws IllegalArgumentException if the batch holds another number of examples or a label that
   *     is no class
   */
  public void trainStep(Batch batch, long seed, long epoch) {
    trainStep(batch, seed, epoch, GradientListener.NONE);
  }

  /**
   * As above, and tells how far the sums of gradients are final.
   *
   * @param listener told before this returns that all of them are
   * @throws IllegalArgumentException also if the plan has {@link BatchSums} and other workers hold
   *     some of the leaves
   */
  public void trainStep(Batch batch, long seed, long epoch, GradientListener listener) {
    try {
      trainStep(batch, seed, epoch, listener, BatchSums.ALONE);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("A step without peers has none to wait for.", e);
    }
  }

  /**
   * As above, with peers that sum while the pass goes on, where the plan has something to sum.
   *
   * @param batch exactly the examples of this worker's leaves, at once or piece by piece
   * @throws IOException if examples cannot be had or the peers are lost; {@link #sums} are then of
   *     no use
   * @throws InterruptedException if the thread was told to stop while it waited for them
   */
  public void trainStep(
      LocalBatch batch, long seed, long epoch, GradientListener listener, BatchSums peers)
      throws IOException, InterruptedException {
    if (needsPeers && peers == BatchSums.ALONE) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "Statistics over the global batch need all of its %d leaves, or the workers that hold"
                  + " the others: got %s.",
              plan.request().leaves().count(),
              plan.request().leafRange()));
    }
    LeafRange range = plan.request().leafRange();
    Leaves leaves = plan.request().leaves();
    int expected =
        leaves.begin(range.end(), batch.globalSize())
            - leaves.begin(range.begin(), batch.globalSize());
    if (batch.size() != expected) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The local batch must hold the %d examples of %s of %d: got %d.",
              expected,
              range,
              batch.globalSize(),
              batch.size()));
    }
    training.run(batch, pieceCheck, seed, epoch, listener, peers);
    sums()[0][plan.reduction().signalIndex()] = signal;
    signal = 0;
  }

  /**
   * Has all workers learn a number with the sums of the next {@link #trainStep}, where they find it
   * added to those of the others. A float must hold the sum exactly.
   */
  public void raise(int number) {
    signal = number;
  }

  /** What a batch that holds a piece, or all of a local batch, must be. */
  private void check(Batch batch, Pieces.Piece piece, LocalBatch local) {
    if (batch == local) {
      check(batch, plan.request().capacity());
      return;
    }
    check(batch, plan.pieceCapacity());
    Leaves leaves = plan.request().leaves();
    int first = plan.request().leafRange().begin();
    int origin = leaves.begin(first, local.globalSize());
    int begin = leaves.begin(first + piece.leaves().begin(), local.globalSize()) - origin;
    int size = leaves.begin(first + piece.leaves().end(), local.globalSize()) - origin - begin;
    if (batch.begin() != begin
        || batch.size() != size
        || batch.globalSize() != local.globalSize()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "The batch of the worker's leaves %s must hold %d examples of %d, from its number %d on:"
                  + " got %d of %d, from %d on.",
              piece.leaves(),
              size,
              local.globalSize(),
              begin,
              batch.size(),
              batch.globalSize(),
              batch.begin()));
    }
  }

  private void check(Batch batch, int most) {
    ActivationLayout layout = batch.layout();
    Network network = plan.request().network();
    if (!layout.shape().equals(network.input()) || layout.pitch() != layout.channels()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A batch for '%s' must hold %s in dense layout: got %s.",
              network.name(),
              network.input(),
              layout));
    }
    if (batch.size() > most) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A local batch must have at most the plan's %d examples: got %d.",
              most,
              batch.size()));
    }
    if (batch.targetsPerExample() > 0) {
      checkTargets(batch);
      return;
    }
    int labels = plan.lossStep().labels();
    if (batch.labelsPerExample() != labels) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A batch for '%s' must hold %d labels for each example, its output being %s: got %d.",
              network.name(),
              labels,
              network.output(),
              batch.labelsPerExample()));
    }
    checkLabels(batch, batch.labels());
    if (batch.isMixed()) {
      checkLabels(batch, batch.otherLabels());
    }
  }

  private void checkLabels(Batch batch, int[] labels) {
    int perExample = batch.labelsPerExample();
    for (int at = 0; at < batch.size() * perExample; at++) {
      if (!plan.lossStep().takes(labels[at])) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "A label must be in [0, %d), the classes of '%s': example %d has %d.",
                plan.lossStep().classes(),
                plan.request().network().name(),
                batch.exampleIds()[at / perExample],
                labels[at]));
      }
    }
  }

  private void checkTargets(Batch batch) {
    int targets = batch.targetsPerExample();
    if (!plan.lossStep().takesTargets(targets)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "A batch of %d targets for each example needs a loss that compares numbers, and '%s'"
                  + " to give a vector of as many outputs: got %s and the loss %s.",
              targets,
              plan.request().network().name(),
              plan.request().network().output(),
              plan.request().loss().configName()));
    }
    for (int e = 0; e < batch.size(); e++) {
      Head head = plan.lossStep().refusing(batch.targets(), e * targets);
      if (head != null) {
        throw new IndexException(
            String.format(
                Locale.ROOT,
                "Number %d of an example must be a class of head '%s', a whole number in [0, %d):"
                    + " example %d has %s.",
                head.firstTarget() + 1,
                head.name(),
                head.classes(),
                batch.exampleIds()[e],
                batch.targets()[e * targets + head.firstTarget()]));
      }
    }
  }

  /**
   * Says which parameters {@link #update} changes from now on; all of them at first. Their state,
   * which the caller keeps, is that of a new worker afterwards.
   */
  public void own(OwnedParameters owned) {
    update =
        new ParameterUpdate(
            plan.kernels().update(), team, plan.parameterTable(), owned, pass.parameters());
  }

  /**
   * Has training steps begin before all parameters are there: they wait for those that a layer
   * reads. At first all are there. An evaluation, and whoever else reads {@link #parameters}, has
   * to see to it that they are.
   *
   * @param ends up to which parameters arrive together: ascending, the last one the number of all
   * @param arrival asked before what reads them
   */
  public void arriveBy(int[] ends, ParameterArrival arrival) {
    runner.arriveBy(ends, arrival);
  }

  /**
   * Applies the sums over the global batch: running statistics of batch normalisation, then the
   * optimiser, divided by the loss's denominator once. Where that is 0, since all labels are
   * ignored or of weight 0, gradients are 0 too.
   *
   * @param sum in {@link ReductionLayout} order, over all leaves
   * @param state the optimiser's arrays, of the length of what is owned
   * @param step 1 for the first update of the run
   */
  public void update(
      Optimizer optimizer, float[] sum, float[][] state, float learningRate, long step) {
    if (rules == null || !rules.optimizer().equals(optimizer)) {
      rules = TensorRules.of(optimizer, plan.parameterTable());
    }
    update(rules, Clipping.NONE, sum, state, learningRate, step);
  }

  /**
   * As above, with a bounded gradient, and tensors that are treated each in its own way.
   *
   * @param sum overwritten where clipping bounds its elements
   */
  public void update(
      TensorRules rules,
      Clipping clipping,
      float[] sum,
      float[][] state,
      float learningRate,
      long step) {
    try {
      update(rules, clipping, sum, state, learningRate, step, UpdatePeers.NONE);
    } catch (IOException e) {
      throw new IllegalStateException("An update without peers has none that could be lost.", e);
    }
  }

  /**
   * As above, of the parameters that this worker {@linkplain #own owns}.
   *
   * @param sum over all leaves where this worker owns parameters and behind the last parameter;
   *     what else it holds is not looked at
   * @param peers that update the other parameters, at the same time
   * @throws IOException if the peers cannot be asked for their part of a norm; parameters are then
   *     those before the update, optimizer state and buffers may not be
   */
  public void update(
      TensorRules rules,
      Clipping clipping,
      float[] sum,
      float[][] state,
      float learningRate,
      long step,
      UpdatePeers peers)
      throws IOException {
    updateStatistics(sum);
    float sums = sum[plan.reduction().denominatorIndex()];
    float denominator = sums == 0 ? 1 : sums;
    update.run(rules, clipping, sum, state, denominator, learningRate, step, peers);
  }

  /**
   * Takes over parameters that were updated elsewhere, and updates running statistics of batch
   * normalisation as {@link #update} does.
   *
   * @param values in {@link ReductionLayout} order: the new parameters in place of their gradients,
   *     then sums over all leaves
   */
  public void take(float[] values) {
    updateStatistics(values);
    System.arraycopy(values, 0, pass.parameters(), 0, plan.reduction().parameters());
  }

  private void updateStatistics(float[] sum) {
    float examples = sum[plan.reduction().examplesIndex()];
    if (!(examples >= 1)) {
      throw new IllegalArgumentException(
          "An update needs the sums over at least one example: got " + examples + ".");
    }
    for (Operation operation : operations) {
      operation.update(sum, examples, pass.buffers());
    }
  }

  /**
   * Inference (no dropout, running statistics) over the batch. An example's numbers do not depend
   * on the examples beside it.
   *
   * @param losses per example, written; not yet divided
   * @param denominators per example, written: what losses are to be divided by; both are summed
   *     first
   * @param labelRanks per label, written: how many outputs are larger than the label's (equal ones
   *     of a smaller class count too, and so do comparisons with NaN), so 0 is a hit and below 5 a
   *     top-5 hit; −1 for a label that is ignored
   * @throws IllegalArgumentException if the batch is larger than {@link Plan#pieceCapacity} or has
   *     a label that is no class
   */
  public void evaluate(Batch batch, float[] losses, float[] denominators, int[] labelRanks) {
    check(batch, plan.pieceCapacity());
    nonFinite.forget();
    pass.startEvaluation(batch, losses, denominators, labelRanks);
    runner.forward();
  }

  /**
   * The forward pass of a training step over a whole global batch, for the statistics that batch
   * normalizations take of it. Labels are not used; parameters and buffers do not change.
   *
   * @param statistics means and biased variances, written at the offsets of the buffer table
   * @throws IllegalArgumentException if batch normalizations of the plan have statistics of leaves,
   *     or other workers hold some of the leaves
   */
  public void measure(Batch batch, float[] statistics) {
    Plan.Request request = plan.request();
    Checks.argument(
        request.options().batchNormSync()
            && request.leafRange().size() == request.leaves().count()
            && batch.size() == batch.globalSize(),
        "Statistics are measured of a whole global batch, by a plan that normalizes it as one: got"
            + " %d of %d examples and %s.",
        batch.size(),
        batch.globalSize(),
        request.options());
    try {
      training.layers(batch, pieceCheck);
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException("A pass without peers has none to wait for.", e);
    }
    for (Operation operation : operations) {
      operation.statistics(pass, statistics);
    }
  }

  /**
   * Copies the network's output for one example of the last pass: of an evaluation, or of the last
   * {@linkplain Plan#pieceCount piece} of a training step.
   *
   * @param to at least as many elements as the output has, written from 0: pixel by pixel, the
   *     classes of a pixel beside each other
   */
  public void output(int example, float[] to) {
    Slot slot = plan.outputs().get(plan.outputs().size() - 1);
    ActivationLayout layout = slot.layout();
    for (int pixel = 0; pixel < layout.pixels(); pixel++) {
      System.arraycopy(
          pass.array(slot),
          slot.base(example) + pixel * layout.pitch(),
          to,
          pixel * layout.channels(),
          layout.channels());
    }
  }

  /**
   * The first layer, in order of the nodes, whose last output holds a NaN or an infinity: in the
   * last evaluation, or in the last training step. Of pieces of a step before the last one, those
   * are looked at whose loss is not finite.
   */
  public Optional<String> firstNonFiniteLayer() {
    OptionalInt first = nonFinite.first();
    return first.isEmpty()
        ? Optional.empty()
        : Optional.of(plan.request().network().nodes().get(first.getAsInt()).name());
  }

  /**
   * Ids of the examples whose loss is a NaN or an infinity, in ascending order: of the last
   * evaluation or training step, as for {@link #firstNonFiniteLayer}.
   */
  public List<Long> nonFiniteExamples() {
    return List.copyOf(nonFinite.examples());
  }

  /**
   * Whether {@code [begin, end)} of an array, such as that of {@link #sums}, holds neither a NaN
   * nor an infinity; all threads look.
   */
  public boolean isFinite(float[] array, int begin, int end) {
    return finiteCheck.isFinite(array, begin, end);
  }

  /** The loss of each example of the last pass, as of {@link #output}. */
  float[] lastLosses() {
    return Arrays.copyOf(pass.losses(), pass.examples());
  }

  /** The threads that work for this replica beside its caller's. */
  Thread[] teamThreads() {
    return team.workers();
  }

  /** Ends the team's threads. */
  @Override
  public void close() {
    team.close();
  }
}
