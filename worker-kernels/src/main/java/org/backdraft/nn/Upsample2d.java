package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.kernel.ResizeAxis;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Images made larger (or, to a given size, smaller), channel by channel, as PyTorch's {@code
 * Upsample} with {@code align_corners=False}.
 *
 * <p>Shapes: input {@code (c, h, w)}, output {@code (c, h · height, w · width)} for a scale, {@code
 * (c, height, width)} for a size.
 *
 * @param measure what height and width are
 * @param height at least 1
 * @param width at least 1
 */
public record Upsample2d(Mode mode, Measure measure, int height, int width) implements Layer {
  static final String TYPE = "upsample2d";

  /** How a new pixel comes from old ones. */
  public enum Mode {
    /** A copy: {@link ResizeAxis#nearest}. */
    NEAREST,
    /** A mean of four: {@link ResizeAxis#linear}. */
    BILINEAR;

    String configName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** What two numbers say of the output. */
  public enum Measure {
    /** Multiples of the input's height and width. */
    SCALE,
    /** The output's height and width. */
    SIZE;

    String configName() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Upsample2d {
    Checks.argument(
        height >= 1 && width >= 1,
        "The %s of an upsample2d layer must be at least 1x1: got %dx%d.",
        measure.configName(),
        height,
        width);
  }

  /** Copies of each pixel, {@code scale} in both directions. */
  public static Upsample2d nearest(int scale) {
    return new Upsample2d(Mode.NEAREST, Measure.SCALE, scale, scale);
  }

  /** Bilinear interpolation, {@code scale} times as large in both directions. */
  public static Upsample2d bilinear(int scale) {
    return new Upsample2d(Mode.BILINEAR, Measure.SCALE, scale, scale);
  }

  static Upsample2d read(LayerAttributes attributes) {
    String name = attributes.choice("mode", List.of("nearest", "bilinear"), "nearest");
    Mode mode = name.equals("nearest") ? Mode.NEAREST : Mode.BILINEAR;
    boolean bySize = attributes.has("size");
    Checks.argument(
        bySize != attributes.has("scale"),
        "An upsample2d layer must have either a scale or a size: got %s.",
        bySize ? "both" : "neither");
    Measure measure = bySize ? Measure.SIZE : Measure.SCALE;
    int[] pair = attributes.pair(measure.configName(), null);
    return new Upsample2d(mode, measure, pair[0], pair[1]);
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("mode", mode.configName());
    attributes.put(measure.configName(), List.of(height, width));
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Shape input = Inputs.image(inputs);
    boolean isScale = measure == Measure.SCALE;
    return Shape.of(
        input.dim(0),
        isScale ? Math.multiplyExact(input.dim(1), height) : height,
        isScale ? Math.multiplyExact(input.dim(2), width) : width);
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
    return List.of(new Upsample2dOperation(mode, context));
  }
}
