package org.backdraft.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LocalResponse;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.AveragePool3d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Conv3d;
import org.backdraft.nn.ConvTranspose2d;
import org.backdraft.nn.ConvTranspose3d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Layer;
import org.backdraft.nn.LayerNorm;
import org.backdraft.nn.Linear;
import org.backdraft.nn.LocalResponseNorm;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.MaxPool3d;
import org.backdraft.nn.Network;
import org.backdraft.nn.Product;
import org.backdraft.nn.Softplus;
import org.backdraft.nn.Sum;
import org.backdraft.nn.Upsample2d;
import org.backdraft.tensor.Shape;

/** Makes networks of operators that layers exist for. */
final class OnnxTranslator {
  private OnnxTranslator() {}

  static OnnxRun translate(OnnxCase c) {
    return switch (c.operator()) {
      case "Relu" -> pointwise(c, Activation.relu());
      case "LeakyRelu" -> pointwise(c, Activation.leakyRelu(c.number("alpha", 0.01f)));
      case "Sigmoid" -> pointwise(c, Activation.logistic(1));
      case "Tanh" -> pointwise(c, Activation.tanh());
      case "Softplus" -> pointwise(c, new Softplus());
      case "Gelu" -> pointwise(c, gelu(c));
      case "Dropout" -> dropout(c);
      case "MaxPool" -> images(c, maxPool(c));
      case "AveragePool" -> images(c, averagePool(c));
      case "GlobalAveragePool" -> images(c, AveragePool2d.global());
      case "LRN" -> images(c, localResponse(c));
      case "Resize", "Upsample" -> images(c, nearest(c));
      case "Conv" -> convolution(c);
      case "ConvTranspose" -> transposed(c);
      case "BatchNormalization" -> batchNorm(c);
      case "LayerNormalization" -> layerNorm(c);
      case "Gemm" -> gemm(c);
      case "Flatten" -> flatten(c);
      case "Concat" -> joined(c, new Concat());
      case "Sum" -> joined(c, new Sum());
      case "Mul" -> joined(c, new Product());
      case "SoftmaxCrossEntropyLoss" -> images(c, new Flatten());
      default -> throw new AssertionError("No layer for " + c.operator() + " of " + c.name());
    };
  }

  /** All elements as one example. */
  private static OnnxRun pointwise(OnnxCase c, Layer layer) {
    float[] x = c.inputs().get(0).floats();
    return new OnnxRun(single(c, Shape.of(x.length), layer), 1, x);
  }

  private static Network single(OnnxCase c, Shape input, Layer layer) {
    return Network.named(c.name(), input).add("layer", layer).build();
  }

  /** Examples along the first axis. */
  private static OnnxRun images(OnnxCase c, Layer layer) {
    OnnxTensor x = c.inputs().get(0);
    return new OnnxRun(single(c, shape(x, 1), layer), x.dims()[0], x.floats());
  }

  /**
   * The axes from {@code begin} on as (c, d, h, w), (c, h, w) or (c, h, 1), or else as a vector.
   */
  private static Shape shape(OnnxTensor x, int begin) {
    int[] dims = x.dims();
    return switch (x.rank() - begin) {
      case 2 -> Shape.of(dims[begin], dims[begin + 1], 1);
      case 3 -> Shape.of(dims[begin], dims[begin + 1], dims[begin + 2]);
      case 4 -> Shape.of(dims[begin], dims[begin + 1], dims[begin + 2], dims[begin + 3]);
      default -> Shape.of(x.elements(begin, x.rank()));
    };
  }

  private static Activation gelu(OnnxCase c) {
    boolean isTanh = "tanh".equals(c.attributes().get("approximate"));
    return isTanh ? Activation.geluTanh() : Activation.gelu();
  }

  private static OnnxRun dropout(OnnxCase c) {
    boolean training = c.inputs().size() == 3;
    float rate = c.inputs().size() > 1 ? c.inputs().get(1).floats()[0] : c.number("ratio", 0.5f);
    OnnxRun run = pointwise(c, new Dropout(rate));
    return new OnnxRun(run.network(), Map.of(), 1, run.inputs(), training);
  }

  private static boolean isCeil(OnnxCase c) {
    return c.integer("ceil_mode", 0) == 1;
  }

  private static boolean isVolume(OnnxCase c) {
    return c.inputs().get(0).rank() == 5;
  }

  private static Layer maxPool(OnnxCase c) {
    return isVolume(c) ? new MaxPool3d(window(c), isCeil(c)) : new MaxPool2d(window(c), isCeil(c));
  }

  private static Layer averagePool(OnnxCase c) {
    return isVolume(c)
        ? new AveragePool3d(window(c), isCeil(c))
        : new AveragePool2d(window(c), isCeil(c));
  }

  /** The window over two or three axes; where there is one, it is height. */
  private static Window window(OnnxCase c) {
    int count = c.inputs().get(0).rank() - 2;
    int[] kernel = kernel(c, count);
    int[] strides = c.integers("strides", count, 1);
    int[] pads = c.integers("pads", 2 * count, 0);
    int[] dilations = c.integers("dilations", count, 1);
    List<WindowAxis> axes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      if (pads[i] != pads[count + i]) {
        throw new AssertionError(c.name() + " has asymmetric padding");
      }
      axes.add(new WindowAxis(kernel[i], strides[i], pads[i], dilations[i]));
    }
    return switch (count) {
      case 1 -> new Window(WindowAxis.POINT, axes.get(0), WindowAxis.POINT);
      case 2 -> new Window(WindowAxis.POINT, axes.get(0), axes.get(1));
      default -> new Window(axes.get(0), axes.get(1), axes.get(2));
    };
  }

  /** That of the attribute, else that of the weights. */
  private static int[] kernel(OnnxCase c, int count) {
    if (c.attributes().containsKey("kernel_shape")) {
      return c.integers("kernel_shape", count, 1);
    }
    int[] dims = c.inputs().get(1).dims();
    return Arrays.copyOfRange(dims, 2, 2 + count);
  }

  private static LocalResponseNorm localResponse(OnnxCase c) {
    return new LocalResponseNorm(
        new LocalResponse(
            c.integer("size", 1),
            c.number("alpha", 1e-4f),
            c.number("beta", 0.75f),
            c.number("bias", 1)));
  }

  private static Upsample2d nearest(OnnxCase c) {
    int[] out = c.outputs().get(0).dims();
    return new Upsample2d(Upsample2d.Mode.NEAREST, Upsample2d.Measure.SIZE, out[2], out[3]);
  }

  private static OnnxRun convolution(OnnxCase c) {
    OnnxTensor x = c.inputs().get(0);
    OnnxTensor w = c.inputs().get(1);
    int out = w.dims()[0];
    int groups = c.integer("group", 1);
    Layer layer =
        isVolume(c)
            ? new Conv3d(out, window(c), groups, false)
            : new Conv2d(out, window(c), groups, false);
    return new OnnxRun(
        single(c, shape(x, 1), layer),
        Map.of("layer.weight", w.floats()),
        x.dims()[0],
        x.floats(),
        false);
  }

  private static OnnxRun transposed(OnnxCase c) {
    OnnxTensor x = c.inputs().get(0);
    OnnxTensor w = c.inputs().get(1);
    int groups = c.integer("group", 1);
    int out = w.dims()[1] * groups;
    Window window = window(c);
    List<Integer> padding = outputPadding(c, window);
    Layer layer =
        isVolume(c)
            ? new ConvTranspose3d(out, window, padding, groups, false)
            : new ConvTranspose2d(out, window, padding, groups, false);
    return new OnnxRun(
        single(c, shape(x, 1), layer),
        Map.of("layer.weight", w.floats()),
        x.dims()[0],
        x.floats(),
        false);
  }

  /**
   * What the expected output has more than the strides and padding give: ONNX has two ways to say.
   */
  private static List<Integer> outputPadding(OnnxCase c, Window window) {
    int[] in = c.inputs().get(0).dims();
    int[] out = c.outputs().get(0).dims();
    List<WindowAxis> axes = new ArrayList<>(List.of(window.height(), window.width()));
    if (isVolume(c)) {
      axes.add(0, window.depth());
    }
    List<Integer> padding = new ArrayList<>();
    for (int i = 0; i < axes.size(); i++) {
      WindowAxis axis = axes.get(i);
      boolean isThere = i + 2 < in.length;
      int extent = isThere ? in[i + 2] : 1;
      int least = (extent - 1) * axis.stride() - 2 * axis.padding() + axis.reach() + 1;
      padding.add((isThere ? out[i + 2] : 1) - least);
    }
    return padding;
  }

  private static OnnxRun batchNorm(OnnxCase c) {
    OnnxTensor x = c.inputs().get(0);
    Map<String, float[]> values = new HashMap<>();
    List<String> names = List.of("weight", "bias", "running_mean", "running_var");
    for (int i = 0; i < names.size(); i++) {
      values.put("layer." + names.get(i), c.inputs().get(i + 1).floats());
    }
    // ONNX's momentum is the share of the old value.
    BatchNorm2d layer = new BatchNorm2d(c.number("epsilon", 1e-5f), 1 - c.number("momentum", 0.9f));
    return new OnnxRun(
        single(c, shape(x, 1), layer),
        values,
        x.dims()[0],
        x.floats(),
        c.integer("training_mode", 0) == 1);
  }

  private static OnnxRun layerNorm(OnnxCase c) {
    OnnxTensor x = c.inputs().get(0);
    int axis = c.axis(-1);
    LayerNorm layer = new LayerNorm(LayerNorm.Over.EXAMPLE, c.number("epsilon", 1e-5f));
    Map<String, float[]> values =
        Map.of(
            "layer.weight", c.inputs().get(1).floats(), "layer.bias", c.inputs().get(2).floats());
    return new OnnxRun(
        single(c, shape(x, axis), layer), values, x.elements(0, axis), x.floats(), false);
  }

  /** Alpha and beta go into the weights and the bias. */
  private static OnnxRun gemm(OnnxCase c) {
    OnnxTensor a = c.inputs().get(0);
    OnnxTensor b = c.inputs().get(1);
    boolean transA = c.integer("transA", 0) == 1;
    boolean transB = c.integer("transB", 0) == 1;
    float[] x = transA ? transposed(a) : a.floats();
    float[] weight = transB ? b.floats() : transposed(b);
    int examples = a.dims()[transA ? 1 : 0];
    int in = a.dims()[transA ? 0 : 1];
    int out = b.dims()[transB ? 0 : 1];
    for (int i = 0; i < weight.length; i++) {
      weight[i] *= c.number("alpha", 1);
    }
    float[] given = c.inputs().get(2).floats();
    float[] bias = new float[out];
    for (int i = 0; i < out; i++) {
      bias[i] = c.number("beta", 1) * given[given.length == 1 ? 0 : i];
    }
    return new OnnxRun(
        single(c, Shape.of(in), Linear.of(out)),
        Map.of("layer.weight", weight, "layer.bias", bias),
        examples,
        x,
        false);
  }

  private static float[] transposed(OnnxTensor matrix) {
    int rows = matrix.dims()[0];
    int columns = matrix.dims()[1];
    float[] from = matrix.floats();
    float[] to = new float[from.length];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < columns; k++) {
        to[k * rows + r] = from[r * columns + k];
      }
    }
    return to;
  }

  private static OnnxRun flatten(OnnxCase c) {
    OnnxTensor x = c.inputs().get(0);
    int axis = c.axis(1);
    return new OnnxRun(single(c, shape(x, axis), new Flatten()), x.elements(0, axis), x.floats());
  }

  /**
   * A layer with two inputs. A network has one: it holds the channels of both, and 1×1 convolutions
   * with weights 0 and 1 take them apart.
   */
  private static OnnxRun joined(OnnxCase c, Layer layer) {
    OnnxTensor left = c.inputs().get(0);
    OnnxTensor right = c.inputs().get(1);
    boolean isVector = left.rank() == 1;
    int examples = isVector ? 1 : left.dims()[0];
    int leftChannels = left.dims()[isVector ? 0 : 1];
    int rightChannels = right.dims()[isVector ? 0 : 1];
    int pixels = isVector ? 1 : left.elements(2, left.rank());
    int channels = leftChannels + rightChannels;
    float[] x = new float[examples * channels * pixels];
    for (int e = 0; e < examples; e++) {
      int size = leftChannels * pixels;
      System.arraycopy(left.floats(), e * size, x, e * channels * pixels, size);
      int rest = rightChannels * pixels;
      System.arraycopy(right.floats(), e * rest, x, e * channels * pixels + size, rest);
    }
    Network network =
        Network.named(c.name(), Shape.of(channels, pixels, 1))
            .add("left", Conv2d.of(leftChannels, 1).withoutBias(), Network.INPUT)
            .add("right", Conv2d.of(rightChannels, 1).withoutBias(), Network.INPUT)
            .add("layer", layer, "left", "right")
            .build();
    Map<String, float[]> selectors =
        Map.of(
            "left.weight", selector(leftChannels, channels, 0),
            "right.weight", selector(rightChannels, channels, leftChannels));
    return new OnnxRun(network, selectors, examples, x, false);
  }

  private static float[] selector(int out, int in, int first) {
    float[] weight = new float[out * in];
    for (int o = 0; o < out; o++) {
      weight[o * in + first + o] = 1;
    }
    return weight;
  }
}
