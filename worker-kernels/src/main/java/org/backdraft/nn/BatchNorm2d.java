package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterSpec.Role;
import org.backdraft.tensor.Shape;

/**
 * Batch normalisation (Ioffe and Szegedy 2015), channel by channel: {@code y = (x − mean) / √(var +
 * ε) · weight + bias}. In training mean and (biased) variance are those of the example's leaf, or
 * of the global batch where the plan is {@linkplain OperationContext#batchNormSync synchronized};
 * in evaluation the running ones.
 *
 * <p>After a step {@code running = (1 − momentum) · running + momentum · batch}, where batch is the
 * mean over leaves, weighted by their examples, of a leaf's mean and unbiased variance; with one
 * leaf, or synchronized, that is PyTorch's rule. A leaf, or batch, of one row has variance 0.
 *
 * <p>A {@linkplain OperationContext#batchNormFrozen frozen} one uses the running statistics in
 * training too and leaves them as they are, as a layer of Keras with {@code trainable = False}.
 *
 * <p>Shapes: input and output {@code (c, h, w)}, {@code (c, d, h, w)} or {@code (c)}; weight, bias,
 * running_mean and running_var {@code (c)}.
 *
 * @param epsilon above 0
 * @param momentum in [0, 1]: the share of the new value
 */
public record BatchNorm2d(float epsilon, float momentum) implements Layer {
  static final String TYPE = "batch_norm2d";

  private static final float EPSILON = 1e-5f;
  private static final float MOMENTUM = 0.1f;

  public BatchNorm2d {
    Checks.argument(
        epsilon > 0 && Float.isFinite(epsilon) && momentum >= 0 && momentum <= 1,
        "A batch_norm2d layer needs epsilon > 0 and momentum in [0, 1]: got %s and %s.",
        epsilon,
        momentum);
  }

  /** With ε = 1e-5 and momentum 0.1. */
  public BatchNorm2d() {
    this(EPSILON, MOMENTUM);
  }

  static BatchNorm2d read(LayerAttributes attributes) {
    return new BatchNorm2d(
        attributes.number("epsilon", EPSILON), attributes.number("momentum", MOMENTUM));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("epsilon", epsilon);
    attributes.put("momentum", momentum);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    return Inputs.activation(inputs);
  }

  @Override
  public List<ParameterSpec> parameters(List<Shape> inputs) {
    Shape channels = Shape.of(inputs.get(0).dim(0));
    return List.of(
        new ParameterSpec("weight", channels, Role.SCALE, 0, 0),
        new ParameterSpec("bias", channels, Role.SHIFT, 0, 0));
  }

  @Override
  public List<ParameterSpec> buffers(List<Shape> inputs) {
    Shape channels = Shape.of(inputs.get(0).dim(0));
    return List.of(
        new ParameterSpec("running_mean", channels, Role.RUNNING_MEAN, 0, 0),
        new ParameterSpec("running_var", channels, Role.RUNNING_VARIANCE, 0, 0));
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    BatchNormMemory memory = new BatchNormMemory(context);
    BatchNormConstants constants = new BatchNormConstants(this, memory, context);
    BatchNormInput input = new BatchNormInput(memory, context);
    BatchNormOutput output = new BatchNormOutput(memory, context);
    if (context.batchNormFrozen()) {
      return List.of(input, new BatchNormFrozen(memory, constants), output);
    }
    if (!context.batchNormSync()) {
      return List.of(input, new BatchNormLeaves(memory, constants, context), output);
    }
    BatchNormFold fold = new BatchNormFold(memory, context);
    BatchNormGlobalStatistics statistics =
        new BatchNormGlobalStatistics(memory, constants, fold, context);
    return List.of(
        input,
        new BatchNormGlobalMean(memory, constants, fold, statistics, context),
        new BatchNormGlobalVariance(memory, constants, fold),
        statistics,
        output);
  }
}
