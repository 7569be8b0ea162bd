package org.backdraft.nn;

import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;

/**
 * One kind of node of a {@link Network} with its settings: an immutable value, without weights.
 *
 * <p>A layer knows its shapes and parameters and how to compile itself into {@link Operation}s;
 * weights live in the flat arrays of a replica.
 */
public interface Layer extends Serializable {
  /** The name in model files and summaries: {@code conv2d}, {@code linear}, {@code relu} … */
  String type();

  /** The settings in model files, in a fixed order: {@code {out: 6, kernel: [5, 5], …}}. */
  Map<String, Object> attributes();

  /**
   * The shape of the output for these inputs.
   *
   * @throws ShapeException if the layer cannot take them; says what it expects and what came
   */
  Shape outputShape(List<Shape> inputs);

  /** The learned arrays, named within the layer: {@code weight}, {@code bias}. */
  default List<ParameterSpec> parameters(List<Shape> inputs) {
    return List.of();
  }

  /** The arrays that are kept but not learned: {@code running_mean}, {@code running_var}. */
  default List<ParameterSpec> buffers(List<Shape> inputs) {
    return List.of();
  }

  /** Multiply-adds of a forward pass of one example. */
  default long multiplyAdds(List<Shape> inputs) {
    return 0;
  }

  /** The sliding window of a convolution or pooling; none where the layer has no window. */
  default Optional<Window> window(List<Shape> inputs) {
    return Optional.empty();
  }

  /**
   * Whether the output counts among the activations of a network, as new numbers; false where it
   * only reshapes or transforms its input element by element.
   */
  default boolean makesNewValues() {
    return true;
  }

  /**
   * Whether the compiled operation reads an input of any pitch; otherwise it gets padded ones only.
   */
  default boolean readsDenseInput() {
    return false;
  }

  /**
   * Whether the output may be written over the only input, and the input's gradient over the
   * output's: neither pass reads what was there once an element is computed.
   */
  default boolean worksInPlace() {
    return false;
  }

  /** Whether the backward pass reads the output, so that nothing may be written over it. */
  default boolean rereadsOutput() {
    return true;
  }

  /**
   * How many of {@code inputs} inputs, from the first on, the output depends on. The others are
   * there for the gradients of training, and what leads to them alone does not run in an
   * evaluation.
   */
  default int evaluatedInputs(int inputs) {
    return inputs;
  }

  /**
   * The operations that run this layer in a plan, in the order of the forward pass; the backward
   * pass runs them the other way round.
   */
  List<Operation> compile(OperationContext context);
}
