package org.backdraft.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.junit.jupiter.api.Test;

/**
 * The operator cases of ONNX 1.22 in {@code onnx-node/} of {@code -Dbackdraft.data.dir}: every case
 * is run, or stands in one of the two tables below with its reason. Of cases with several outputs
 * the first one is compared: the others are masks, indices, log-probabilities and statistics, which
 * layers do not give out.
 */
class OnnxNodeTest {
  private static final int CASES = 242;
  private static final int RUN = 78;

  private static final double RELATIVE = 1e-5;
  private static final double ABSOLUTE = 2e-6;

  private static final Kernels KERNELS = KernelLookup.choose().kernels();

  /** Operators that no layer corresponds to, and why. */
  private static final Map<String, String> WITHOUT_LAYER = withoutLayer();

  /** Cases of other operators that layers do not cover, and why. */
  private static final Map<String, String> NOT_APPLICABLE = notApplicable();

  private static Map<String, String> withoutLayer() {
    Map<String, List<String>> operators =
        Map.of(
            "optimizers",
            List.of("Adagrad", "Momentum"),
            "a part of the loss, or a loss of its own",
            List.of("LogSoftmax", "NegativeLogLikelihoodLoss", "Softmax"),
            "no such layer",
            List.of(
                "Elu",
                "GRU",
                "GroupNormalization",
                "HardSigmoid",
                "InstanceNormalization",
                "LSTM",
                "Pad",
                "Selu"),
            "arithmetic on tensors, which networks do not have",
            List.of(
                "Add",
                "Clip",
                "Div",
                "MatMul",
                "Max",
                "Mean",
                "Min",
                "Pow",
                "Sqrt",
                "Sub",
                "ReduceMean",
                "ReduceSum",
                "ReduceSumSquare"),
            "moves or describes data",
            List.of(
                "Constant",
                "Gather",
                "Identity",
                "Reshape",
                "Shape",
                "Slice",
                "Split",
                "SplitToSequence",
                "Squeeze",
                "Transpose",
                "Unsqueeze"));
    Map<String, String> reasons = new TreeMap<>();
    operators.forEach((reason, all) -> all.forEach(each -> reasons.put(each, reason)));
    return reasons;
  }

  private static Map<String, String> notApplicable() {
    Map<String, String> reasons = new TreeMap<>();
    reasons.put("test_averagepool_2d_same_upper", "asymmetric padding");
    reasons.put("test_convtranspose_autopad_same", "asymmetric padding");
    reasons.put("test_concat_3d_axis_2", "joins a spatial axis, not channels");
    reasons.put("test_concat_3d_axis_negative_3", "joins examples, not channels");
    for (String type : List.of("int8", "int16", "uint16")) {
      reasons.put("test_mul_" + type, "integers");
    }
    String random = "random numbers of another generator";
    reasons.put("test_training_dropout_default", random);
    reasons.put("test_training_dropout_default_mask", random);
    reasons.put("test_training_dropout_mask", random);
    String weights = "class weights";
    reasons.put("test_sce_mean_weight", weights);
    reasons.put("test_sce_mean_weight_ii", weights);
    reasons.put("test_sce_mean_weight_log_prob", weights);
    reasons.put("test_sce_none_weights", weights);
    reasons.put("test_sce_none_weights_log_prob", weights);
    reasons.put("test_sce_NCd1d2d3_sum_weight_high_ii_log_prob", weights);
    String dense = "a label for each pixel";
    reasons.put("test_sce_NCd1_mean_weight_negative_ii", dense);
    reasons.put("test_sce_NCd1_mean_weight_negative_ii_log_prob", dense);
    reasons.put("test_sce_NCd1d2d3d4d5_mean_weight", dense);
    reasons.put("test_sce_mean_3d_log_prob", dense);
    reasons.put("test_sce_mean_no_weight_ii_3d_log_prob", dense);
    reasons.put("test_sce_mean_no_weight_ii_4d_log_prob", dense);
    reasons.put("test_sce_mean_weight_ii_3d_log_prob", dense);
    String cubic = "cubic interpolation";
    reasons.put("test_resize_downsample_scales_cubic_antialias", cubic);
    reasons.put("test_resize_upsample_scales_cubic", cubic);
    reasons.put("test_resize_upsample_scales_cubic_A_n0p5_exclude_outside", cubic);
    reasons.put("test_resize_upsample_scales_cubic_align_corners", cubic);
    reasons.put("test_resize_upsample_sizes_cubic", cubic);
    String corners = "aligned corners";
    reasons.put("test_resize_upsample_scales_linear_align_corners", corners);
    reasons.put("test_resize_upsample_sizes_nearest_floor_align_corners", corners);
    String fraction = "scales that are no quotients of the sizes";
    reasons.put("test_resize_downsample_scales_linear", fraction);
    reasons.put("test_resize_downsample_scales_nearest", fraction);
    reasons.put("test_resize_upsample_scales_linear_half_pixel_symmetric", fraction);
    reasons.put("test_resize_downsample_scales_linear_antialias", "antialiasing");
    String rounded = "nearest pixel from the center, not from the corner";
    reasons.put("test_resize_downsample_sizes_nearest", rounded);
    reasons.put("test_resize_downsample_sizes_nearest_not_smaller", rounded);
    reasons.put("test_resize_upsample_sizes_nearest_ceil_half_pixel", rounded);
    String crop = "a region of the image";
    reasons.put("test_resize_tf_crop_and_resize", crop);
    reasons.put("test_resize_tf_crop_and_resize_axes_2_3", crop);
    return reasons;
  }

  @Test
  void operatorsOfLayersGiveTheExpectedOutputs() throws IOException {
    List<OnnxCase> cases = cases();
    int run = 0;
    Set<String> operators = new TreeSet<>();
    List<String> wrong = new ArrayList<>();
    for (OnnxCase c : cases) {
      operators.add(c.operator());
      if (WITHOUT_LAYER.containsKey(c.operator()) || NOT_APPLICABLE.containsKey(c.name())) {
        continue;
      }
      run++;
      try {
        check(c);
      } catch (AssertionError | IllegalArgumentException e) {
        wrong.add(c.name() + ": " + e.getMessage());
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(cases).hasSize(CASES);
    assertThat(run).as("cases that were run").isEqualTo(RUN);
    assertThat(operators).as("operators of the cases").containsAll(WITHOUT_LAYER.keySet());
    assertThat(cases.stream().map(OnnxCase::name).collect(Collectors.toSet()))
        .as("names of the cases")
        .containsAll(NOT_APPLICABLE.keySet());
  }

  private static List<OnnxCase> cases() throws IOException {
    String data = System.getProperty("backdraft.data.dir", "");
    assumeTrue(!data.isBlank(), "needs -Dbackdraft.data.dir, a folder with onnx-node/");
    Path folder = Path.of(data, "onnx-node");
    assumeTrue(Files.isDirectory(folder), "no onnx-node/ in " + data);
    List<OnnxCase> cases = new ArrayList<>();
    try (Stream<Path> folders = Files.list(folder)) {
      for (Path each : folders.sorted().toList()) {
        cases.add(OnnxCase.read(each));
      }
    }
    return cases;
  }

  private static void check(OnnxCase c) {
    OnnxRun run = OnnxTranslator.translate(c);
    boolean isLoss = c.operator().equals("SoftmaxCrossEntropyLoss");
    int[] labels = new int[run.examples()];
    for (int e = 0; isLoss && e < labels.length; e++) {
      labels[e] = (int) c.inputs().get(1).values()[e];
    }
    float[] losses = new float[run.examples()];
    float[] outputs = run.outputs(KERNELS, labels, losses);
    float[] actual = isLoss ? reduced(c, losses) : outputs;
    double[] expected = c.outputs().get(0).values();
    assertThat(actual).as(c.name()).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual[i])
          .as("%s, element %d", c.name(), i)
          .isCloseTo(expected[i], within(ABSOLUTE + RELATIVE * Math.abs(expected[i])));
    }
  }

  private static float[] reduced(OnnxCase c, float[] losses) {
    String reduction = (String) c.attributes().getOrDefault("reduction", "mean");
    if (reduction.equals("none")) {
      return losses;
    }
    float sum = 0;
    for (float loss : losses) {
      sum += loss;
    }
    return new float[] {reduction.equals("sum") ? sum : sum / losses.length};
  }
}
