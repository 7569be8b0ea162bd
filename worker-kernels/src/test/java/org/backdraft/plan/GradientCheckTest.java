package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.backdraft.kernel.LocalResponse;
import org.backdraft.kernel.Window;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.AbsoluteError;
import org.backdraft.loss.BinaryCrossEntropy;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Hinge;
import org.backdraft.loss.Huber;
import org.backdraft.loss.Loss;
import org.backdraft.loss.MeanSquaredError;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AdaptiveAveragePool2d;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.AveragePool3d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Conv3d;
import org.backdraft.nn.ConvTranspose2d;
import org.backdraft.nn.ConvTranspose3d;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Embedding;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.IdentityShortcut;
import org.backdraft.nn.Layer;
import org.backdraft.nn.LayerNorm;
import org.backdraft.nn.Linear;
import org.backdraft.nn.LocalResponseNorm;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.MaxPool3d;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.nn.Product;
import org.backdraft.nn.Softplus;
import org.backdraft.nn.Sum;
import org.backdraft.nn.Upsample2d;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every layer and loss against central differences along random directions.
 *
 * <p>Each layer stands behind one with weights, so that its gradient with respect to its input is
 * checked too. The numerical derivative is the five-point rule {@code (8 (f(h) − f(−h)) − (f(2h) −
 * f(−2h))) / 12h}, with an error of h⁴; h is chosen so that this and the float32 noise of f, added
 * in double over the examples, both stay below the tolerance. Layers with kinks get a smaller h.
 */
class GradientCheckTest {
  private static final long SEED = Long.getLong("tests.seed", 20240611L);
  private static final int EXAMPLES = 6;
  private static final int DIRECTIONS = 6;

  /** A network, and how far a kink allows to go. */
  record Case(
      Network network, Loss loss, int leaves, double h, double tolerance, Plan.Options options) {
    Case(Network network, Loss loss, int leaves, double h, double tolerance) {
      this(network, loss, leaves, h, tolerance, Plan.Options.DEFAULT);
    }

    /** With batch normalization over the global batch of so many leaves. */
    Case synced(int batchLeaves) {
      return new Case(network, loss, batchLeaves, h, tolerance, new Plan.Options(1, true));
    }

    @Override
    public String toString() {
      return network.name()
          + ", "
          + loss.configName()
          + ", "
          + leaves
          + " leaves"
          + (options.batchNormSync() ? ", synced" : "");
    }
  }

  private static NetworkBuilder image(String name) {
    return Network.named(name, Shape.of(2, 6, 5)).add("first", Conv2d.of(3, 3).padding(1));
  }

  private static Case smooth(Network network) {
    return new Case(network, Loss.SOFTMAX_CROSS_ENTROPY, 2, 0.02, 2e-3);
  }

  private static Case kinked(Network network) {
    return new Case(network, Loss.SOFTMAX_CROSS_ENTROPY, 2, 0.002, 1e-2);
  }

  private static Network ending(NetworkBuilder builder) {
    return builder.add("flat", new Flatten()).add("last", Linear.of(4)).build();
  }

  private static Network behindConvolution(String name, Layer layer) {
    return ending(image(name).add("layer", layer));
  }

  private static NetworkBuilder volume(String name) {
    return Network.named(name, Shape.of(2, 4, 5, 4)).add("first", Conv3d.of(3, 3).padding(1));
  }

  private static Network behindConvolution3d(String name, Layer layer) {
    return ending(volume(name).add("layer", layer));
  }

  private static Network behindLinear(String name, Layer layer) {
    return Network.named(name, Shape.of(7))
        .add("first", Linear.of(9))
        .add("layer", layer)
        .add("last", Linear.of(4))
        .build();
  }

  static Stream<Case> cases() {
    Window odd = new Window(2, 3, 2, 1, 1, 2, 1, 2);
    return Stream.of(
        smooth(behindConvolution("conv", Conv2d.of(5, 3))),
        smooth(behindConvolution("conv without bias", Conv2d.of(17, 2).withoutBias())),
        smooth(behindConvolution("padded conv", Conv2d.of(5, 3).padding(1))),
        smooth(behindConvolution("full conv", Conv2d.of(2, 3).padding(2))),
        smooth(behindConvolution("overpadded conv", Conv2d.of(2, 2).padding(3))),
        smooth(behindConvolution("strided conv", Conv2d.of(5, 3).stride(2).padding(1))),
        smooth(behindConvolution("stride past the kernel", Conv2d.of(5, 1).stride(3))),
        smooth(behindConvolution("dilated conv", Conv2d.of(5, 2).dilation(2).padding(1))),
        smooth(behindConvolution("oblong conv", new Conv2d(3, odd, true))),
        smooth(behindConvolution("conv of 1x1", Conv2d.of(16, 1))),
        smooth(
            ending(image("two wide convs").add("a", Conv2d.of(16, 2)).add("b", Conv2d.of(16, 2)))),
        smooth(behindLinear("linear", Linear.of(33))),
        smooth(behindLinear("linear without bias", Linear.of(5).withoutBias())),
        smooth(behindConvolution("grouped conv", Conv2d.of(6, 3).padding(1).groups(3))),
        smooth(behindConvolution("depthwise conv", Conv2d.of(3, 3).padding(1).groups(3))),
        smooth(behindConvolution("strided grouped conv", Conv2d.of(9, 2).stride(2).groups(3))),
        smooth(behindConvolution("transposed conv", ConvTranspose2d.of(5, 2))),
        smooth(
            behindConvolution(
                "oblong transposed conv", new ConvTranspose2d(3, odd, List.of(1, 0), 3, true))),
        smooth(
            behindConvolution(
                "transposed conv past its kernel",
                new ConvTranspose2d(4, Window.square(2, 3, 0), List.of(2, 1), 1, true))),
        smooth(behindConvolution3d("transposed conv3d", ConvTranspose3d.of(3, 2))),
        smooth(behindConvolution3d("conv3d", Conv3d.of(5, 2).padding(1))),
        smooth(behindConvolution3d("strided conv3d", Conv3d.of(5, 3).padding(1).stride(2))),
        smooth(behindConvolution3d("grouped conv3d", Conv3d.of(6, 2).groups(3).withoutBias())),
        kinked(behindConvolution3d("max pool 3-D", MaxPool3d.of(2))),
        smooth(behindConvolution3d("average pool 3-D", new AveragePool3d(Window.cube(3, 2, 1)))),
        smooth(behindConvolution3d("global average pool 3-D", AveragePool3d.global())),
        smooth(behindConvolution3d("batch norm of volumes", new BatchNorm2d())),
        smooth(behindConvolution3d("layer norm of volumes", LayerNorm.overExample())),
        smooth(
            ending(
                volume("concat of volumes")
                    .add("a", Conv3d.of(2, 1), "first")
                    .add("b", Activation.tanh(), "first")
                    .add("c", new Concat(), "a", "first", "b")
                    .add("d", Conv3d.of(2, 2)))),
        smooth(behindConvolution("average pool", AveragePool2d.of(2))),
        smooth(behindConvolution("padded average pool", new AveragePool2d(Window.square(3, 2, 1)))),
        smooth(behindConvolution("global average pool", AveragePool2d.global())),
        smooth(
            behindConvolution(
                "average pool in ceil mode", new AveragePool2d(Window.square(2, 2, 0), true))),
        smooth(behindConvolution("adaptive average pool", new AdaptiveAveragePool2d(4, 2))),
        smooth(behindConvolution("growing adaptive pool", new AdaptiveAveragePool2d(7, 8))),
        kinked(
            behindConvolution(
                "max pool in ceil mode", new MaxPool2d(Window.square(2, 2, 0), true))),
        kinked(behindConvolution("max pool", MaxPool2d.of(2))),
        kinked(behindConvolution("overlapping max pool", new MaxPool2d(Window.square(3, 1, 1)))),
        kinked(behindConvolution("relu", Activation.relu())),
        smooth(behindConvolution("logistic", Activation.logistic(2))),
        smooth(behindConvolution("tanh", Activation.tanh())),
        smooth(behindConvolution("gelu", Activation.gelu())),
        smooth(behindConvolution("gelu, tanh form", Activation.geluTanh())),
        kinked(behindConvolution("leaky relu", Activation.leakyRelu(0.3f))),
        kinked(behindConvolution("relu6", Activation.relu6())),
        smooth(behindConvolution("softplus", new Softplus(2, 20))),
        smooth(behindConvolution("identity shortcut", new IdentityShortcut(5, 2))),
        smooth(behindConvolution("wider shortcut", new IdentityShortcut(17, 1))),
        smooth(behindConvolution("nearest upsampling", Upsample2d.nearest(2))),
        smooth(behindConvolution("bilinear upsampling", Upsample2d.bilinear(2))),
        smooth(
            behindConvolution(
                "bilinear shrinking",
                new Upsample2d(Upsample2d.Mode.BILINEAR, Upsample2d.Measure.SIZE, 4, 7))),
        smooth(
            behindConvolution(
                "nearest to a size",
                new Upsample2d(Upsample2d.Mode.NEAREST, Upsample2d.Measure.SIZE, 7, 4))),
        smooth(
            ending(
                image("product of three")
                    .add("a", Activation.tanh())
                    .add("b", Conv2d.of(3, 3).padding(1))
                    .add("product", new Product(), "b", "first", "a"))),
        smooth(
            ending(
                image("square")
                    .add("tanh", Activation.tanh())
                    .add("product", new Product(), "tanh", "tanh"))),
        smooth(behindLinear("tanh of a vector", Activation.tanh())),
        smooth(behindConvolution("dropout", new Dropout(0.5f))),
        smooth(behindLinear("dropout of a vector", new Dropout(0.25f))),
        smooth(behindConvolution("batch norm", new BatchNorm2d())),
        smooth(behindLinear("batch norm of a vector", new BatchNorm2d())),
        smooth(behindConvolution("batch norm", new BatchNorm2d())).synced(1),
        smooth(behindConvolution("batch norm", new BatchNorm2d())).synced(4),
        smooth(behindConvolution3d("batch norm of a volume", new BatchNorm2d())).synced(2),
        // More leaves than examples.
        smooth(behindLinear("batch norm of a vector", new BatchNorm2d())).synced(8),
        kinked(
                ending(
                    image("residual batch norm")
                        .add("bn1", new BatchNorm2d())
                        .add("relu1", Activation.relu())
                        .add("conv2", Conv2d.of(3, 3).padding(1))
                        .add("bn2", new BatchNorm2d())
                        .add("sum", new Sum(), "bn2", "relu1")
                        .add("relu2", Activation.relu())))
            .synced(4),
        // Three channels of nearly equal values bend sharply.
        kinked(behindConvolution("layer norm over channels", LayerNorm.overChannels())),
        smooth(behindConvolution("layer norm over the example", LayerNorm.overExample())),
        smooth(behindLinear("layer norm of a vector", LayerNorm.overExample())),
        smooth(
            ending(
                image("layer norm of many channels")
                    .add("wide", Conv2d.of(19, 2))
                    .add("layer", LayerNorm.overChannels()))),
        smooth(
            behindConvolution(
                "local response norm",
                new LocalResponseNorm(new LocalResponse(3, 0.5f, 0.75f, 1)))),
        smooth(
            ending(
                image("local response norm of an even window")
                    .add("wide", Conv2d.of(19, 2))
                    .add("layer", new LocalResponseNorm(new LocalResponse(4, 0.5f, 0.75f, 2))))),
        smooth(
            ending(
                image("residual sum")
                    .add("a", Activation.tanh())
                    .add("b", Conv2d.of(3, 3).padding(1))
                    .add("sum", new Sum(), "b", "first", "a")
                    .add("c", Activation.tanh()))),
        smooth(
            ending(
                image("sum of one twice")
                    .add("tanh", Activation.tanh())
                    .add("sum", new Sum(), "tanh", "tanh"))),
        smooth(
            ending(
                image("concat and fan-out")
                    .add("a", Conv2d.of(2, 1), "first")
                    .add("b", Activation.tanh(), "first")
                    .add("c", new Concat(), "a", "first", "b")
                    .add("d", Conv2d.of(2, 2)))),
        smooth(
            ending(
                Network.named("activation of the input", Shape.of(2, 6, 5))
                    .add("tanh", Activation.tanh())
                    .add("bn", new BatchNorm2d())
                    .add("conv", Conv2d.of(3, 2)))),
        smooth(
            ending(
                Network.named("pooling of the input", Shape.of(3, 7, 6))
                    .add("max", MaxPool2d.of(2), "input")
                    .add("mean", AveragePool2d.of(2), "input")
                    .add("drop", new Dropout(0.5f), "mean")
                    .add("both", new Concat(), "max", "drop")
                    .add("conv", Conv2d.of(3, 2))
                    .add("tanh", Activation.tanh()))),
        smooth(SmallNetworks.tokens()),
        smooth(
            ending(
                Network.named("embedding of an image of indices", Shape.of(1, 3, 4))
                    .add("first", Embedding.of(5, 3)))),
        new Case(SmallNetworks.gated(), Loss.SOFTMAX_CROSS_ENTROPY, 2, 0.0005, 3e-2),
        new Case(SmallNetworks.everything(), Loss.SOFTMAX_CROSS_ENTROPY, 2, 0.0005, 3e-2),
        new Case(SmallNetworks.everything(), Loss.SOFTMAX_CROSS_ENTROPY, 2, 0.0005, 3e-2).synced(4),
        new Case(
            behindLinear("squared error", Activation.tanh()), Loss.SQUARED_ERROR, 4, 0.02, 2e-3),
        new Case(
            behindConvolution("squared error of a conv", Conv2d.of(5, 3)),
            Loss.SQUARED_ERROR,
            1,
            0.02,
            2e-3),
        loss("smoothed", new SoftmaxCrossEntropy(0.1f, List.of(), -100), 0.02, 2e-3),
        loss("weighted", new SoftmaxCrossEntropy(0, WEIGHTS, -100), 0.02, 2e-3),
        loss("smoothed and weighted", new SoftmaxCrossEntropy(0.2f, WEIGHTS, -100), 0.02, 2e-3),
        loss("one class ignored", new SoftmaxCrossEntropy(0.2f, WEIGHTS, 1), 0.02, 2e-3),
        loss("mean squared error", new MeanSquaredError(), 0.02, 2e-3),
        loss("binary cross-entropy", new BinaryCrossEntropy(), 0.02, 2e-3),
        // These have kinks.
        loss("l1", new AbsoluteError(), 0.002, 1e-2),
        loss("huber", new Huber(0.3f), 0.002, 1e-2),
        loss("hinge", new Hinge(0.7f), 0.002, 1e-2),
        loss("heads", HEADS, 0.02, 2e-3),
        new Case(headed(), HEADS, 2, 0.02, 2e-3),
        pixels("pixels", Loss.SOFTMAX_CROSS_ENTROPY),
        pixels("smoothed and weighted pixels", new SoftmaxCrossEntropy(0.2f, WEIGHTS, -100)),
        pixels("pixels of one class ignored", new SoftmaxCrossEntropy(0, WEIGHTS, 2)));
  }

  private static final List<Float> WEIGHTS = List.of(0.5f, 1.25f, 0f, 2f);

  /** A class and two numbers, in another order than the outputs. */
  private static final Loss HEADS =
      new HeadLosses(
          List.of(
              new Head("kind", new SoftmaxCrossEntropy(0.1f, List.of(), -100), 0.5f, 2, 2, 1),
              new Head("place", new MeanSquaredError(), 3, 0, 0, 2)));

  /** Two layers that end in a head each. */
  private static Network headed() {
    return Network.named("two heads", Shape.of(5))
        .add("fc", Linear.of(6))
        .add("tanh", Activation.tanh())
        .add("kind", Linear.of(2), "tanh")
        .add("fc2", Linear.of(4), "tanh")
        .add("tanh2", Activation.tanh())
        .add("place", Linear.of(2))
        .add("heads", new Concat(), "kind", "place")
        .build();
  }

  private static Case loss(String name, Loss loss, double h, double tolerance) {
    return new Case(behindLinear(name, Activation.tanh()), loss, 2, h, tolerance);
  }

  /** A label for each of 6 × 5 pixels. */
  private static Case pixels(String name, Loss loss) {
    Network network =
        image(name).add("tanh", Activation.tanh()).add("last", Conv2d.of(4, 1)).build();
    return new Case(network, loss, 2, 0.02, 2e-3);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void gradientsAgreeWithDifferences(Case c) {
    try (LocalRun run =
        new LocalRun(c.network(), c.loss(), new Leaves(c.leaves()), 1, 1, EXAMPLES, c.options())) {
      Replica replica = run.replica(0);
      Random random = new Random(SEED);
      float[] w = replica.parameters();
      for (int i = 0; i < w.length; i++) {
        w[i] += (float) (0.1 * random.nextGaussian());
      }
      float[] start = w.clone();
      float[] gradient = run.step(EXAMPLES, SEED, 3, 1);
      double numericSquares = 0;
      double errorSquares = 0;
      for (int d = 0; d < DIRECTIONS; d++) {
        float[] direction = direction(c.network(), random, d);
        double exact = 0;
        for (int i = 0; i < w.length; i++) {
          exact += (double) gradient[i] * direction[i];
        }
        double numeric = derivative(run, start, direction, c.h());
        numericSquares += numeric * numeric;
        errorSquares += (numeric - exact) * (numeric - exact);
      }
      assertThat(Math.sqrt(errorSquares / numericSquares))
          .as("relative error, -Dtests.seed=%d", SEED)
          .isLessThan(c.tolerance());
    }
  }

  /** A unit vector over all parameters, or (for odd d) over those of the first layer alone. */
  private static float[] direction(Network network, Random random, int d) {
    float[] direction = new float[network.parameterTable().size()];
    int end = d % 2 == 0 ? direction.length : firstLayerEnd(network);
    double squares = 0;
    for (int i = 0; i < end; i++) {
      direction[i] = (float) random.nextGaussian();
      squares += direction[i] * direction[i];
    }
    for (int i = 0; i < end; i++) {
      direction[i] = (float) (direction[i] / Math.sqrt(squares));
    }
    return direction;
  }

  private static int firstLayerEnd(Network network) {
    int end = 0;
    for (Network.Node node : network.nodes()) {
      if (!node.parameters().isEmpty()) {
        for (var spec : node.parameters()) {
          end += spec.shape().elements();
        }
        return end;
      }
    }
    throw new AssertionError(network.name());
  }

  private static double derivative(LocalRun run, float[] start, float[] direction, double h) {
    double near = loss(run, start, direction, h) - loss(run, start, direction, -h);
    double far = loss(run, start, direction, 2 * h) - loss(run, start, direction, -2 * h);
    return (8 * near - far) / (12 * h);
  }

  private static double loss(LocalRun run, float[] start, float[] direction, double distance) {
    Replica replica = run.replica(0);
    float[] w = replica.parameters();
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (start[i] + distance * direction[i]);
    }
    run.step(EXAMPLES, SEED, 3, 1);
    double sum = 0;
    for (float each : replica.lastLosses()) {
      sum += each;
    }
    System.arraycopy(start, 0, w, 0, w.length);
    return sum;
  }

  @Test
  void aStepFunctionHasNoGradient() {
    try (LocalRun run = LocalRun.single(behindLinear("step", Activation.step()), EXAMPLES)) {
      float[] sums = run.step(EXAMPLES, SEED, 3, 1);
      int end = firstLayerEnd(run.replica(0).plan().request().network());
      for (int i = 0; i < end; i++) {
        assertThat(sums[i]).isZero();
      }
      assertThat(sums[end + 5]).isNotZero();
    }
  }
}
