package org.backdraft.plan;

import java.io.Serializable;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Slot;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterTable;

/**
 * A network compiled for one worker: operations in order, memory laid out, work divided among
 * threads. Immutable; holds no arrays of weights or activations.
 *
 * <p>Leaves run together, layer by layer: a leaf is a unit of summation, not of execution.
 */
public final class Plan {
  /**
   * What a plan is made for.
   *
   * @param leaves how global batches are cut
   * @param leafRange the leaves of this worker
   * @param capacity the most examples of a local batch in training; an evaluation takes as many as
   *     {@link Plan#pieceCapacity} at once
   * @param threads of the worker's team
   * @param optimizerSlots state arrays of the optimiser, counted in the memory
   * @param ownedParameters the most parameters that this worker updates, and keeps state for
   * @param options how a batch is computed
   */
  public record Request(
      Network network,
      Loss loss,
      Leaves leaves,
      LeafRange leafRange,
      int capacity,
      int threads,
      int optimizerSlots,
      int ownedParameters,
      Options options) {
    /** Of a worker that updates all parameters, with the usual options. */
    public Request(
        Network network,
        Loss loss,
        Leaves leaves,
        LeafRange leafRange,
        int capacity,
        int threads,
        int optimizerSlots) {
      this(
          network,
          loss,
          leaves,
          leafRange,
          capacity,
          threads,
          optimizerSlots,
          network.parameterTable().size(),
          Options.DEFAULT);
    }

    /** The same, computed otherwise. */
    public Request with(Options other) {
      return new Request(
          network,
          loss,
          leaves,
          leafRange,
          capacity,
          threads,
          optimizerSlots,
          ownedParameters,
          other);
    }

    public Request {
      Checks.argument(
          ownedParameters >= 0,
          "The number of owned parameters must be at least 0: got %d.",
          ownedParameters);
      Checks.argument(
          capacity >= 1 && threads >= 1 && optimizerSlots >= 0,
          "A plan needs capacity >= 1, threads >= 1 and optimizerSlots >= 0: got %d, %d and %d.",
          capacity,
          threads,
          optimizerSlots);
      Checks.argument(
          leafRange.begin() >= 0
              && leafRange.begin() < leafRange.end()
              && leafRange.end() <= leaves.count(),
          "A worker's leaves must be a part of [0, %d): got %s.",
          leaves.count(),
          leafRange);
    }
  }

  /**
   * How a batch is computed.
   *
   * @param accumulate into how many pieces, at least, the local batch is cut that are computed one
   *     after the other, in memory for the largest: at least 1, at most the worker's leaves
   * @param batchNormSync whether batch normalization takes its statistics over the global batch;
   *     else over each leaf
   * @param frozenLayers layers whose running statistics stay as they are, and which normalize by
   *     them in training too
   * @param untrainedLayers layers whose parameters are not trained: the backward pass ends where no
   *     layer further down is
   */
  public record Options(
      int accumulate, boolean batchNormSync, Set<String> frozenLayers, Set<String> untrainedLayers)
      implements Serializable {
    /** The local batch at once, and statistics of leaves. */
    public static final Options DEFAULT = new Options(1, false);

    /** With no frozen layer. */
    public Options(int accumulate, boolean batchNormSync) {
      this(accumulate, batchNormSync, Set.of(), Set.of());
    }

    public Options {
      frozenLayers = Set.copyOf(frozenLayers);
      untrainedLayers = Set.copyOf(untrainedLayers);
      Checks.argument(accumulate >= 1, "Pieces of a batch must be at least 1: got %d.", accumulate);
      Checks.argument(
          accumulate == 1 || !batchNormSync,
          "Statistics over the global batch need the local batch at once: got %d pieces.",
          accumulate);
    }
  }

  /**
   * What the compiler has made; see there.
   *
   * @param parametersEnds for each operation the first parameter that neither it nor those before
   *     it read
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Parts(
      ParameterTable parameterTable,
      ParameterTable bufferTable,
      Pieces pieces,
      ReductionLayout reduction,
      List<Operation> operations,
      int[] parametersEnds,
      List<Schedule.Section> forward,
      Evaluation evaluation,
      List<Schedule.Section> backward,
      FinalSums finalSums,
      ExchangeOrder exchangeOrder,
      LossStep lossStep,
      List<Slot> outputs,
      int valueFloats,
      int gradientFloats,
      int workspaceFloats,
      int winnerShorts) {}

  /**
   * The part of a plan that runs in an evaluation; see {@link EvaluatedNodes}.
   *
   * @param nodes their numbers
   * @param operations of these nodes, in order
   * @param sections of the forward pass
   */
  record Evaluation(BitSet nodes, List<Operation> operations, List<Schedule.Section> sections) {}

  private final Request request;
  private final Kernels kernels;
  private final Parts parts;

  private Plan(Request request, Kernels kernels) {
    this.request = request;
    this.kernels = kernels;
    this.parts = new PlanCompiler(request, kernels).compile();
  }

  /**
   * Compiles without allocating the arenas.
   *
   * @throws IllegalArgumentException if the network's output is not what the loss takes, a layer's
   *     output is used by nobody, there are fewer leaves than pieces, or an arena would be longer
   *     than an array can be
   */
  public static Plan compile(Request request, Kernels kernels) {
    return new Plan(request, kernels);
  }

  public Request request() {
    return request;
  }

  public Kernels kernels() {
    return kernels;
  }

  /** How the sums of a step lie in their array. */
  public ReductionLayout reduction() {
    return parts.reduction();
  }

  /** Where each learned array lies in the flat array of parameters. */
  public ParameterTable parameterTable() {
    return parts.parameterTable();
  }

  /** Where each buffer lies in the flat array of buffers. */
  public ParameterTable bufferTable() {
    return parts.bufferTable();
  }

  /**
   * Into how many pieces a local batch is cut, which are computed one after the other: 1, or at
   * least {@link Options#accumulate}. As many more as it takes to have nodes of the summation tree.
   */
  public int pieceCount() {
    return parts.pieces().pieces().size();
  }

  /** The most examples that are computed at once, hence the most of a batch in evaluation. */
  public int pieceCapacity() {
    return parts.pieces().capacity();
  }

  /**
   * What a replica of this plan will allocate. Packed weights, halos, the inputs of a piece and the
   * tiles in which gradients are summed count as workspace, outputs and their gradients as
   * activations.
   */
  public MemoryReport memory() {
    long parameters = parts.parameterTable().size();
    int buffers = parts.pieces().nodes().size() + parts.pieces().partialSums();
    LossStep loss = parts.lossStep();
    long perExample =
        2L * Float.BYTES + 2L * Double.BYTES * loss.rows() + (long) Integer.BYTES * loss.labels();
    long scratch =
        request.threads() * loss.labelLossBytes()
            + pieceCapacity() * perExample
            + pieceInputFloats() * Float.BYTES
            + parts.pieces().mostLeaves() * (2L * Float.BYTES + Integer.BYTES)
            + (long) buffers * mostBatchSums() * Float.BYTES;
    return new MemoryReport(
        Float.BYTES * (parameters + parts.bufferTable().size()),
        Float.BYTES * (long) buffers * parts.reduction().size(),
        buffers,
        (long) Float.BYTES * request.ownedParameters() * request.optimizerSlots(),
        Float.BYTES * ((long) parts.valueFloats() + parts.gradientFloats())
            + (long) Short.BYTES * parts.winnerShorts(),
        (long) Float.BYTES * parts.workspaceFloats() + scratch);
  }

  /**
   * For each element of the buffers the share that the statistics of a step have in the running
   * value: the momentum of its batch normalisation. {@code running += share · (statistic −
   * running)}.
   */
  public float[] statisticsShares() {
    float[] ones = new float[reduction().size()];
    Arrays.fill(ones, reduction().statisticsBegin(), reduction().lossIndex(), 1);
    float[] shares = new float[bufferTable().size()];
    for (Operation operation : operations()) {
      operation.update(ones, 1, shares); // of running values that are 0
    }
    return shares;
  }

  /** The leaves of each piece, in order, counted from the worker's first. */
  public List<LeafRange> pieceLeaves() {
    return parts.pieces().pieces().stream().map(Pieces.Piece::leaves).toList();
  }

  /** How a local batch is cut. */
  Pieces pieces() {
    return parts.pieces();
  }

  /** The length of the array that the inputs of a piece are copied to; 0 for a single piece. */
  long pieceInputFloats() {
    long example = ActivationLayout.dense(request.network().input()).size();
    return pieceCount() == 1 ? 0 : pieceCapacity() * example;
  }

  /**
   * How many {@link BatchSums} of the backward pass come before the exchange of sums of gradients
   * from this parameter on, for workers that exchange them while the pass goes on. They are final
   * by then, and the number is the same in every worker's plan.
   */
  public int batchSumsBefore(int parameter) {
    return parts.exchangeOrder().sumsBefore(parameter);
  }

  /** The lengths of all {@link BatchSums} of a training step, in their order. */
  public int[] batchSums() {
    return Stream.concat(parts.forward().stream(), parts.backward().stream())
        .mapToInt(Schedule.Section::batchSums)
        .filter(length -> length > 0)
        .toArray();
  }

  /** The most floats that are added over the global batch at once. */
  int mostBatchSums() {
    return IntStream.of(batchSums()).max().orElse(0);
  }

  /** The operations of all nodes, in order. */
  List<Operation> operations() {
    return parts.operations();
  }

  /** Operations up to this one read no parameters from here on. */
  int parametersEnd(int operation) {
    return parts.parametersEnds()[operation];
  }

  /** What runs in an evaluation. */
  Evaluation evaluation() {
    return parts.evaluation();
  }

  /** The sections of the forward pass of a training step. */
  List<Schedule.Section> forward() {
    return parts.forward();
  }

  /** Likewise for the backward pass, last node first. */
  List<Schedule.Section> backward() {
    return parts.backward();
  }

  /** The operations that are still to be finished after the backward pass. */
  List<Operation> unfinished() {
    return parts.finalSums().unfinished();
  }

  /** Sums of gradients from this parameter on are final after a section of the backward pass. */
  int finalFrom(int section) {
    return parts.finalSums().begins()[section];
  }

  LossStep lossStep() {
    return parts.lossStep();
  }

  /** Where the output of each node lies. */
  List<Slot> outputs() {
    return parts.outputs();
  }

  int valueFloats() {
    return parts.valueFloats();
  }

  int gradientFloats() {
    return parts.gradientFloats();
  }

  int workspaceFloats() {
    return parts.workspaceFloats();
  }

  int winnerShorts() {
    return parts.winnerShorts();
  }
}
