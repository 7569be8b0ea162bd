package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;

/** What {@link Conv2d} and {@link Conv3d} are, whatever the axes of their inputs. */
interface ConvolutionLayer extends Layer {
  /** Output channels. */
  int out();

  Window window();

  /** Groups of channels that see nothing of each other. */
  int groups();

  /** Whether a bias is added. */
  boolean bias();

  /** The axes that the window moves along: 2 over images, 3 over volumes. */
  int axes();

  private ConvolutionSettings settings() {
    return new ConvolutionSettings(type(), axes(), out(), window(), groups(), bias());
  }

  @Override
  default Map<String, Object> attributes() {
    return settings().attributes();
  }

  @Override
  default Shape outputShape(List<Shape> inputs) {
    return WindowAttributes.output(window(), settings().input(inputs), out());
  }

  @Override
  default List<ParameterSpec> parameters(List<Shape> inputs) {
    return settings().parameters(inputs.get(0));
  }

  @Override
  default long multiplyAdds(List<Shape> inputs) {
    long terms = (long) inputs.get(0).dim(0) / groups() * window().taps();
    return outputShape(inputs).elements() * terms;
  }

  @Override
  default Optional<Window> window(List<Shape> inputs) {
    return Optional.of(window());
  }

  @Override
  default boolean readsDenseInput() {
    return true;
  }

  @Override
  default boolean rereadsOutput() {
    return false;
  }

  @Override
  default List<Operation> compile(OperationContext context) {
    return ConvolutionOperation.create(out(), window(), groups(), bias(), context);
  }
}
