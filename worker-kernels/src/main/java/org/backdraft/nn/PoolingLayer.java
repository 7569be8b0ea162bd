package org.backdraft.nn;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/** What poolings under a sliding window are, whatever the axes of their inputs. */
interface PoolingLayer extends Layer {
  /** Whether a last window that is cut off by the border counts. */
  String CEIL = "ceil";

  /** Whether one window covers the whole input: average pooling only. */
  String GLOBAL = "global";

  /** The window; null for one that covers the whole input. */
  Window window();

  /** Whether a last window that sticks out of the padding counts. */
  boolean ceil();

  /** The axes that the window moves along: 2 over images, 3 over volumes. */
  int axes();

  /** The attributes of poolings that have no global form. */
  static List<String> names() {
    List<String> names = new ArrayList<>(WindowAttributes.NAMES);
    names.add(CEIL);
    return List.copyOf(names);
  }

  /** Likewise of those that have one. */
  static List<String> namesWithGlobal() {
    List<String> names = new ArrayList<>(names());
    names.add(GLOBAL);
    return List.copyOf(names);
  }

  /** Refuses windows of other axes, and those that could lie in the padding alone. */
  static void check(Window window, int axes, String type) {
    if (axes == WindowAttributes.IMAGE) {
      WindowAttributes.checkImage(window, type);
    }
    Checks.argument(
        window.reachesPastPadding(),
        "The padding of a pooling layer must be smaller than its window: got %s.",
        window);
  }

  /**
   * Reads a pooling that has no global form.
   *
   * @param layer of a window and {@link #ceil}
   */
  static <L> L read(LayerAttributes attributes, int axes, BiFunction<Window, Boolean, L> layer) {
    return layer.apply(WindowAttributes.read(attributes, axes, true), attributes.flag(CEIL, false));
  }

  /**
   * Reads one that has; its window is then null.
   *
   * @param type for messages
   */
  static <L> L readWithGlobal(
      LayerAttributes attributes, int axes, String type, BiFunction<Window, Boolean, L> layer) {
    if (!attributes.flag(GLOBAL, false)) {
      return read(attributes, axes, layer);
    }
    Checks.argument(
        names().stream().noneMatch(attributes::has),
        "A global %s layer covers the whole input: leave %s away.",
        type,
        names());
    return layer.apply(null, false);
  }

  @Override
  default Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    if (window() == null) {
      attributes.put(GLOBAL, true);
    } else {
      WindowAttributes.write(window(), axes(), attributes);
      attributes.put(CEIL, ceil());
    }
    return attributes;
  }

  @Override
  default Shape outputShape(List<Shape> inputs) {
    Shape input = Inputs.withAxes(inputs, axes());
    return WindowAttributes.pooled(windowOver(input), ceil(), input);
  }

  @Override
  default Optional<Window> window(List<Shape> inputs) {
    return Optional.of(windowOver(Inputs.withAxes(inputs, axes())));
  }

  /** The window, or the one that covers this input. */
  default Window windowOver(Shape input) {
    if (window() != null) {
      return window();
    }
    WindowAxis depth = axes() == WindowAttributes.IMAGE ? WindowAxis.POINT : whole(input.dim(1));
    return new Window(depth, whole(input.dim(axes() - 1)), whole(input.dim(axes())));
  }

  private static WindowAxis whole(int extent) {
    return new WindowAxis(extent, 1, 0, 1);
  }

  @Override
  default boolean readsDenseInput() {
    return true;
  }

  @Override
  default boolean rereadsOutput() {
    return false;
  }
}
