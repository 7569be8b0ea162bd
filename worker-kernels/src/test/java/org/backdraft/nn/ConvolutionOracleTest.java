package org.backdraft.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.kernel.Window;
import org.backdraft.kernel.WindowAxis;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Convolutions of random shapes against their definition in double; forward, both gradients; the
 * same bits for scalar kernels and for any number of threads; guard bands stay as they are.
 */
class ConvolutionOracleTest {
  private static final long SEED = Long.getLong("tests.seed", 20261124L);
  private static final int CASES = 180;
  private static final double TOLERANCE = 4e-6;

  /** A layer, what it reads, and how. */
  record Case(Layer layer, Shape input, int examples, int leaves, boolean dense) {
    @Override
    public String toString() {
      return "%s %s of %s, %d examples, %d leaves, dense %s, -Dtests.seed=%d"
          .formatted(layer.type(), layer.attributes(), input, examples, leaves, dense, SEED);
    }

    LayerRig run(Kernels kernels, int threads) {
      LayerRig rig =
          new LayerRig(new LayerRig.Setup(layer, input, examples, leaves, threads, dense), kernels);
      rig.fill(SEED);
      rig.run();
      return rig;
    }
  }

  static Stream<Case> cases() {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Case> cases = new ArrayList<>();
    IntStream.range(0, CASES).forEach(i -> cases.add(randomCase(random)));
    // Few channels and a large window, as LeNet has them.
    for (boolean dense : new boolean[] {true, false}) {
      Layer first = new Conv2d(6, Window.square(5, 1, 2), 1, true);
      cases.add(new Case(first, Shape.of(1, 28, 28), 5, 4, dense));
      Layer second = new Conv2d(16, Window.square(5, 1, 0), 1, dense);
      cases.add(new Case(second, Shape.of(6, 14, 14), 5, 2, dense));
      Layer strided = new Conv2d(20, Window.square(6, 2, 1), 1, dense);
      cases.add(new Case(strided, Shape.of(3, 13, 14), 3, 2, dense));
    }
    return cases.stream();
  }

  private static Case randomCase(SplittableRandom random) {
    boolean isVolume = random.nextInt(3) == 0;
    int groups = random.nextInt(2) == 0 ? 1 : 1 + random.nextInt(5);
    int in = groups * (1 + random.nextInt(random.nextInt(4) == 0 ? 60 : 12));
    int out = groups * (1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 12));
    if (random.nextInt(4) == 0) {
      // Each group fills its panels.
      out = groups * 16;
      in = groups * 16;
    }
    if (random.nextInt(5) == 0) {
      // A filter for each channel.
      groups = 2 + random.nextInt(40);
      in = groups;
      out = groups;
    }
    WindowAxis depth = isVolume ? randomAxis(random) : WindowAxis.POINT;
    Window window = new Window(depth, randomAxis(random), randomAxis(random));
    int h = extent(window.height(), random);
    int w = extent(window.width(), random);
    boolean bias = random.nextBoolean();
    int examples = 1 + random.nextInt(5);
    int leaves = 1 << random.nextInt(3);
    boolean dense = random.nextBoolean();
    Shape input = isVolume ? Shape.of(in, extent(depth, random), h, w) : Shape.of(in, h, w);
    if (random.nextInt(3) == 0) {
      Layer transposed = transposed(out, window, isVolume, groups, bias, random);
      // Large enough for something to be left of the output.
      Shape small = isVolume ? Shape.of(in, 1 + h, 1 + w, 2 + w) : Shape.of(in, 1 + h, 1 + w);
      return fits(transposed, small)
          ? new Case(transposed, small, examples, leaves, dense)
          : randomCase(random);
    }
    Layer layer =
        isVolume ? new Conv3d(out, window, groups, bias) : new Conv2d(out, window, groups, bias);
    return new Case(layer, input, examples, leaves, dense);
  }

  private static Layer transposed(
      int out, Window window, boolean isVolume, int groups, boolean bias, SplittableRandom random) {
    List<Integer> padding = new ArrayList<>();
    for (WindowAxis axis : WindowAttributes.axes(window, isVolume ? 3 : 2)) {
      padding.add(random.nextInt(Math.max(axis.stride(), axis.dilation())));
    }
    return isVolume
        ? new ConvTranspose3d(out, window, padding, groups, bias)
        : new ConvTranspose2d(out, window, padding, groups, bias);
  }

  private static boolean fits(Layer layer, Shape input) {
    try {
      layer.outputShape(List.of(input));
      return true;
    } catch (ShapeException e) {
      return false;
    }
  }

  private static Window window(Layer layer) {
    if (layer instanceof ConvTranspose2d conv) {
      return conv.window();
    }
    if (layer instanceof ConvTranspose3d conv) {
      return conv.window();
    }
    return layer.window(List.of()).orElseThrow();
  }

  private static WindowAxis randomAxis(SplittableRandom random) {
    int kernel = 1 + random.nextInt(4);
    return new WindowAxis(
        kernel, 1 + random.nextInt(3), random.nextInt(kernel + 1), 1 + random.nextInt(3));
  }

  private static int extent(WindowAxis axis, SplittableRandom random) {
    int least = Math.max(1, axis.reach() + 1 - 2 * axis.padding());
    return least + random.nextInt(7);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void outputsAndGradientsAreThoseOfTheDefinition(Case c) {
    LayerRig rig = c.run(KernelLookup.choose().kernels(), 1);
    Window window = window(c.layer());
    int groups = (Integer) c.layer().attributes().get("groups");
    boolean isTransposed = c.layer().type().contains("transpose");
    Shape output = rig.output().layout().shape();
    ConvolutionOracle oracle =
        isTransposed
            ? new ConvolutionOracle(window, groups, output, c.input(), c.examples())
            : new ConvolutionOracle(window, groups, c.input(), output, c.examples());
    float[] x = rig.logical(rig.input(0));
    float[] dy = rig.logical(rig.outputGradient());
    float[] weight = rig.parameterValues("weight");
    double[] y = isTransposed ? oracle.transposed(x, weight) : oracle.forward(x, weight);
    double[] dx = isTransposed ? oracle.forward(dy, weight) : oracle.transposed(dy, weight);
    double[] dWeight = isTransposed ? oracle.weight(dy, x) : oracle.weight(x, dy);
    addBias(c, rig, y, dy, output.elements() / output.dim(0));
    int terms = window.taps() * c.input().dim(0) / groups;
    assertClose(rig.logical(rig.output()), y, terms, "output of " + c);
    terms = window.taps() * output.dim(0) / groups;
    assertClose(rig.logical(rig.inputGradient(0)), dx, terms, "input gradient of " + c);
    terms = Math.max(x.length / c.input().dim(0), y.length / output.dim(0));
    assertClose(rig.parameterGradient("weight"), dWeight, terms, "weight gradient of " + c);
    assertThat(rig.isGuardHurt()).as("guard of " + c).isFalse();
  }

  private static void addBias(Case c, LayerRig rig, double[] y, float[] dy, int pixels) {
    if (!(Boolean) c.layer().attributes().get("bias")) {
      return;
    }
    float[] bias = rig.parameterValues("bias");
    double[] dBias = new double[bias.length];
    for (int i = 0; i < y.length; i++) {
      int channel = i / pixels % bias.length;
      y[i] += bias[channel];
      dBias[channel] += dy[i];
    }
    assertClose(rig.parameterGradient("bias"), dBias, y.length, "bias gradient of " + c);
  }

  /** ⟨y, dy⟩ = ⟨x, dx⟩ = ⟨weight, dWeight⟩ for a layer without bias: each pass is its adjoint. */
  @ParameterizedTest
  @MethodSource("cases")
  void thePassesAreAdjoint(Case c) {
    if ((Boolean) c.layer().attributes().get("bias")) {
      return;
    }
    LayerRig rig = c.run(KernelLookup.choose().kernels(), 2);
    float[] dy = rig.logical(rig.outputGradient());
    float[] y = rig.logical(rig.output());
    float[] x = rig.logical(rig.input(0));
    float[] weight = rig.parameterValues("weight");
    double sum = product(y, dy);
    double scale = TOLERANCE * Math.sqrt(product(y, y) * product(dy, dy)) + 1e-9;
    assertThat(product(x, rig.logical(rig.inputGradient(0)))).isCloseTo(sum, within(scale));
    assertThat(product(weight, rig.parameterGradient("weight"))).isCloseTo(sum, within(scale));
  }

  private static double product(float[] a, float[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += (double) a[i] * b[i];
    }
    return sum;
  }

  /** Errors of sums grow with the root of their terms. */
  static void assertClose(float[] actual, double[] expected, int terms, String what) {
    assertThat(actual).as(what).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("element %d, %s", i, what)
          .isCloseTo(expected[i], within(TOLERANCE * Math.sqrt(1.0 + terms)));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void scalarKernelsAndThreadsGiveTheSameBits(Case c) {
    Kernels fast = KernelLookup.choose().kernels();
    LayerRig expected = c.run(scalar(), 1);
    assertSameBits(c.run(fast, 1), expected, c + ", 1 thread");
    assertSameBits(c.run(fast, 2), expected, c + ", 2 threads");
    assertSameBits(c.run(fast, 3), expected, c + ", 3 threads");
  }

  /** A layer that takes no kernels of its own for a filter for each channel. */
  private record AsGroups(Conv2d conv) implements Layer {
    @Override
    public String type() {
      return conv.type();
    }

    @Override
    public Map<String, Object> attributes() {
      return conv.attributes();
    }

    @Override
    public Shape outputShape(List<Shape> inputs) {
      return conv.outputShape(inputs);
    }

    @Override
    public List<ParameterSpec> parameters(List<Shape> inputs) {
      return conv.parameters(inputs);
    }

    @Override
    public List<Operation> compile(OperationContext context) {
      return ConvolutionOperation.asProducts(conv.window(), conv.groups(), conv.bias(), context);
    }
  }

  @Test
  void depthwiseKernelsGiveTheBitsOfGroups() {
    Kernels fast = KernelLookup.choose().kernels();
    for (int channels : new int[] {3, 16, 37}) {
      for (int stride = 1; stride <= 3; stride++) {
        Conv2d conv = Conv2d.of(channels, 3).padding(1).stride(stride).groups(channels);
        Shape input = Shape.of(channels, 13, 17);
        LayerRig expected = new Case(new AsGroups(conv), input, 5, 2, false).run(fast, 2);
        LayerRig actual = new Case(conv, input, 5, 2, false).run(fast, 2);
        assertThat(conv.compile(actual)).first().isInstanceOf(DepthwiseConvolutionOperation.class);
        assertSameBits(actual, expected, channels + " channels, stride " + stride);
      }
    }
  }

  private static Kernels scalar() {
    String before = System.getProperty(KernelLookup.PROPERTY);
    System.setProperty(KernelLookup.PROPERTY, "scalar");
    try {
      return KernelLookup.choose().kernels();
    } finally {
      if (before == null) {
        System.clearProperty(KernelLookup.PROPERTY);
      } else {
        System.setProperty(KernelLookup.PROPERTY, before);
      }
    }
  }

  private static void assertSameBits(LayerRig actual, LayerRig expected, String what) {
    assertSameBits(actual.logical(actual.output()), expected.logical(expected.output()), what);
    assertSameBits(
        actual.logical(actual.inputGradient(0)),
        expected.logical(expected.inputGradient(0)),
        "input gradient, " + what);
    for (int s = 0; s < expected.subtrees().size(); s++) {
      assertSameBits(actual.sums(s), expected.sums(s), "parameter gradient, " + what);
    }
  }

  private static void assertSameBits(float[] actual, float[] expected, String what) {
    for (int i = 0; i < expected.length; i++) {
      assertThat(Float.floatToRawIntBits(actual[i]))
          .as("element %d, %s: %s and %s", i, what, actual[i], expected[i])
          .isEqualTo(Float.floatToRawIntBits(expected[i]));
    }
  }
}
