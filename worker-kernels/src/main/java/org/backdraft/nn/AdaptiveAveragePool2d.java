package org.backdraft.nn;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.backdraft.kernel.AdaptiveAxis;
import org.backdraft.kernel.Window;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * The means over a fixed number of windows, whatever the input's size, channel by channel, so that
 * linear layers behind it take images of all sizes. PyTorch's {@code AdaptiveAvgPool2d}; where the
 * windows begin and end says {@link AdaptiveAxis}.
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (c, height, width)}, which may be larger.
 *
 * @param height rows of the output, at least 1
 * @param width columns of the output, at least 1
 */
public record AdaptiveAveragePool2d(int height, int width) implements Layer {
  static final String TYPE = "adaptive_average_pool2d";

  public AdaptiveAveragePool2d {
    Checks.argument(
        height >= 1 && width >= 1,
        "The output of an adaptive_average_pool2d layer must be at least 1x1: got %dx%d.",
        height,
        width);
  }

  static AdaptiveAveragePool2d read(LayerAttributes attributes) {
    int[] out = attributes.pair("out", null);
    return new AdaptiveAveragePool2d(out[0], out[1]);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    return Map.of("out", List.of(height, width));
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Shape.of(Inputs.image(inputs).dim(0), height, width);
  }

  /** The largest of the windows; the stride is their mean distance, rounded down. */
  @Override
  public Optional<Window> window(List<Shape> inputs) {
    Shape input = Inputs.image(inputs);
    AdaptiveAxis rows = new AdaptiveAxis(input.dim(1), height);
    AdaptiveAxis columns = new AdaptiveAxis(input.dim(2), width);
    return Optional.of(
        new Window(
            rows.largest(),
            columns.largest(),
            Math.max(1, input.dim(1) / height),
            Math.max(1, input.dim(2) / width),
            0,
            0,
            1,
            1));
  }

  @Override
  public boolean readsDenseInput() {
    return true;
  }

  @Override
  public boolean rereadsOutput() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new AdaptiveAveragePoolOperation(context));
  }
}
