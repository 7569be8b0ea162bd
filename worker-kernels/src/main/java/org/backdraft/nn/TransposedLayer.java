package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;

/** What {@link ConvTranspose2d} and {@link ConvTranspose3d} are, whatever the axes. */
interface TransposedLayer extends Layer {
  /** Output channels. */
  int out();

  Window window();

  /** What the output has more than it needs, for each axis, outermost first. */
  List<Integer> outputPadding();

  /** Groups of channels that see nothing of each other. */
  int groups();

  /** Whether a bias is added. */
  boolean bias();

  /** The axes that the window moves along: 2 over images, 3 over volumes. */
  int axes();

  private TransposedSettings settings() {
    return new TransposedSettings(
        new ConvolutionSettings(type(), axes(), out(), window(), groups(), bias()),
        outputPadding());
  }

  @Override
  default Map<String, Object> attributes() {
    return settings().attributes();
  }

  @Override
  default Shape outputShape(List<Shape> inputs) {
    return settings().outputShape(inputs);
  }

  @Override
  default List<ParameterSpec> parameters(List<Shape> inputs) {
    return settings().convolution().transposedParameters(inputs.get(0));
  }

  @Override
  default long multiplyAdds(List<Shape> inputs) {
    return settings().multiplyAdds(inputs.get(0));
  }

  @Override
  default boolean rereadsOutput() {
    return false;
  }

  @Override
  default List<Operation> compile(OperationContext context) {
    return TransposedConvolutionOperation.create(window(), groups(), bias(), context);
  }
}
