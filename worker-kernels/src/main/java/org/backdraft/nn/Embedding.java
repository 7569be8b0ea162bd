package org.backdraft.nn;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.Shape;

/**
 * A row of a learned table for each number of the input, PyTorch's {@code Embedding}: {@code y[p] =
 * weight[x[p]]}. The gradient of a row is the sum of the output's gradients at all positions that
 * hold its index.
 *
 * <p>Shapes: input {@code (length)}, {@code (1, h, w)} or {@code (1, d, h, w)} of indices; weight
 * {@code (rows, out)}; output {@code (out, 1, length)}, {@code (out, h, w)} or {@code (out, d, h,
 * w)}: PyTorch's {@code (length, out)} with its axes exchanged, an image whose channels are the
 * row's elements, so that poolings and convolutions move along the positions.
 *
 * <p>Indices are floats that hold whole numbers in {@code [0, rows)}; a step fails with an {@link
 * IndexException} otherwise. They have no gradient, so nothing that learns may stand before this
 * layer.
 *
 * <p>A position that holds the padding index gives zeros, and its row has no gradient. PyTorch
 * gives what the row holds, which is 0 unless somebody writes to it.
 *
 * @param rows of the table, in [1, 2^24]: floats hold no larger whole numbers without gaps
 * @param out elements of a row, at least 1
 * @param padding the padding index, or {@link #NO_PADDING}
 */
public record Embedding(int rows, int out, int padding) implements Layer {
  static final String TYPE = "embedding";

  static final List<String> NAMES = List.of("rows", "out", "padding");

  /** In place of a padding index: there is none. */
  public static final int NO_PADDING = -1;

  private static final int MOST_ROWS = 1 << 24;

  public Embedding {
    Checks.argument(
        rows >= 1 && rows <= MOST_ROWS && out >= 1,
        "An embedding layer needs rows in [1, %d] and at least 1 output: got %d rows, %d outputs.",
        MOST_ROWS,
        rows,
        out);
    Checks.argument(
        padding >= NO_PADDING && padding < rows,
        "The padding of an embedding layer must be a row in [0, %d), or %d for none: got %d.",
        rows,
        NO_PADDING,
        padding);
  }

  /** An embedding without a padding index. */
  public static Embedding of(int rows, int out) {
    return new Embedding(rows, out, NO_PADDING);
  }

  /** The same with a padding index. */
  public Embedding padding(int index) {
    return new Embedding(rows, out, index);
  }

  static Embedding read(LayerAttributes attributes) {
    return new Embedding(
        attributes.integer("rows"),
        attributes.integer("out"),
        attributes.integer("padding", NO_PADDING));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("rows", rows);
    attributes.put("out", out);
    if (padding != NO_PADDING) {
      attributes.put("padding", padding);
    }
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Shape input = Inputs.activation(inputs);
    if (input.isVector()) {
      return Shape.of(out, 1, input.dim(0));
    }
    Inputs.require(
        input.dim(0) == 1,
        "input must be indices, (length), (1, h, w) or (1, d, h, w): got %s.",
        input);
    int[] dims = new int[input.dims()];
    Arrays.setAll(dims, axis -> axis == 0 ? out : input.dim(axis));
    return Shape.of(dims);
  }

  /** A row is as large as a weight of as many inputs as it has elements. */
  @Override
  public List<ParameterSpec> parameters(List<Shape> inputs) {
    return List.of(new ParameterSpec("weight", Shape.of(rows, out), Role.EMBEDDING, out, out));
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
    return List.of(new EmbeddingOperation(this, context));
  }
}
