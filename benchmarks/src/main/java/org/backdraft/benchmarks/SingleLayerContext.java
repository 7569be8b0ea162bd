package org.backdraft.benchmarks;

import java.util.List;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.OperationContext;
import org.backdraft.nn.Slot;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.ParameterTable;

/** Where the memory of a {@link SingleLayer} lies. */
final class SingleLayerContext implements OperationContext {
  /** Each array starts with this many zeros; a multiple of a cache line. */
  private static final int FRONT = 1 << 13;

  private final SingleLayer.Request request;
  private final List<LeafRange> subtrees;
  private final Kernels kernels;
  private final ParameterTable parameters;
  private final ParameterTable buffers;
  private final Slot input;
  private final Slot output;
  private final Slot outputGradient;
  private final Slot inputGradient;
  private int workspace = FRONT;
  private int winners;

  SingleLayerContext(
      SingleLayer.Request request,
      Leaves leaves,
      Kernels kernels,
      ParameterTable parameters,
      ParameterTable buffers) {
    this.request = request;
    this.kernels = kernels;
    this.parameters = parameters;
    this.buffers = buffers;
    subtrees = new LeafRange(0, leaves.count()).subtrees();
    ActivationLayout in = ActivationLayout.padded(request.input());
    ActivationLayout out =
        ActivationLayout.padded(request.layer().outputShape(List.of(request.input())));
    input =
        request.first() && request.layer().readsDenseInput()
            ? new Slot(Slot.Area.INPUT, 0, ActivationLayout.dense(request.input()))
            : new Slot(Slot.Area.VALUE, FRONT, in);
    output = new Slot(Slot.Area.VALUE, FRONT + request.examples() * in.size(), out);
    outputGradient = new Slot(Slot.Area.GRADIENT, FRONT, out);
    inputGradient = new Slot(Slot.Area.GRADIENT, FRONT + request.examples() * out.size(), in);
  }

  /** Floats of the array of values, and as many of gradients. */
  int activationFloats() {
    return FRONT
        + request.examples() * (input.layout().size() + output.layout().size())
        + request.examples() * ActivationLayout.padded(request.input()).size();
  }

  int inputFloats() {
    return request.examples() * request.input().elements();
  }

  int workspaceFloats() {
    return workspace;
  }

  int winnerShorts() {
    return winners;
  }

  ParameterTable parameterTable() {
    return parameters;
  }

  ParameterTable bufferTable() {
    return buffers;
  }

  @Override
  public Loss loss() {
    return Loss.SOFTMAX_CROSS_ENTROPY;
  }

  @Override
  public Kernels kernels() {
    return kernels;
  }

  @Override
  public int threads() {
    return request.threads();
  }

  @Override
  public int capacity() {
    return request.examples();
  }

  @Override
  public List<LeafRange> subtrees() {
    return subtrees;
  }

  @Override
  public int number() {
    return 0;
  }

  @Override
  public Slot input(int index) {
    return input;
  }

  @Override
  public int inputs() {
    return 1;
  }

  @Override
  public Slot output() {
    return output;
  }

  @Override
  public Slot outputGradient() {
    return outputGradient;
  }

  @Override
  public boolean wantsInputGradient(int index) {
    return !request.first();
  }

  @Override
  public Slot inputGradient(int index) {
    if (request.first()) {
      throw new IllegalStateException("Nobody wants the gradient of a network's input.");
    }
    return inputGradient;
  }

  @Override
  public ParameterTable.Entry parameter(String name) {
    return parameters.entry(name);
  }

  @Override
  public ParameterTable.Entry buffer(String name) {
    return buffers.entry(name);
  }

  @Override
  public int statisticsBegin() {
    return parameters.size();
  }

  @Override
  public int workspace(long floats) {
    int begin = workspace;
    workspace = Math.toIntExact(begin + (floats + 15) / 16 * 16);
    return begin;
  }

  @Override
  public int winners(long shorts) {
    int begin = winners;
    winners = Math.toIntExact(begin + shorts);
    return begin;
  }
}
