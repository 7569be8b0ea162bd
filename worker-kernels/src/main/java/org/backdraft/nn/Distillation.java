package org.backdraft.nn;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Has a student learn from a teacher too: takes (student's output, teacher's output) of one shape
 * and gives the student's unchanged. In training the student's gradient is that of {@code (1 −
 * weight) · loss + weight · soft}, for each label, where soft compares both outputs:
 *
 * <ul>
 *   <li>{@link Match#SOFTMAX}: {@code T² · Σ_c p_c · log(p_c / q_c)} with p the softmax of the
 *       teacher's outputs over temperature T and q that of the student's; its gradient {@code T ·
 *       (q − p)} (Hinton, Vinyals and Dean 2015, <em>Distilling the knowledge in a neural
 *       network</em>, section 2)
 *   <li>{@link Match#OUTPUTS}: {@code ½ Σ_c (s_c − t_c)²}, before the softmax (Ba and Caruana 2014,
 *       <em>Do deep nets really need to be deep?</em>, equation 1)
 * </ul>
 *
 * <p>The loss that is reported is that of the labels alone. The teacher gets no gradient.
 *
 * @param temperature T, above 0; of no meaning to {@link Match#OUTPUTS}
 * @param weight in [0, 1]
 */
public record Distillation(Match match, float temperature, float weight) implements Layer {
  static final String TYPE = "distillation";

  private static final List<String> NAMES =
      List.of(Match.SOFTMAX.configName(), Match.OUTPUTS.configName());
  private static final float TEMPERATURE = 4;
  private static final float WEIGHT = 0.9f;

  /** What is compared. */
  public enum Match {
    SOFTMAX,
    OUTPUTS;

    /** The name in model files and configuration. */
    public String configName() {
      return name().toLowerCase(Locale.ROOT);
    }

    /**
     * The constant of that name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Match named(String name) {
      Checks.argument(
          NAMES.contains(name), "A distillation must match one of %s: got '%s'.", NAMES, name);
      return valueOf(name.toUpperCase(Locale.ROOT));
    }
  }

  public Distillation {
    Checks.argument(match != null, "A distillation must match softmax or outputs.");
    Checks.argument(
        temperature > 0 && Float.isFinite(temperature),
        "The temperature of a distillation must be above 0: got %s.",
        temperature);
    Checks.argument(
        weight >= 0 && weight <= 1,
        "The weight of a distillation must lie in [0, 1]: got %s.",
        weight);
  }

  static Distillation read(LayerAttributes attributes) {
    return new Distillation(
        Match.named(attributes.choice("match", NAMES, Match.SOFTMAX.configName())),
        attributes.number("temperature", TEMPERATURE),
        attributes.number("weight", WEIGHT));
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Map<String, Object> attributes() {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("match", match.configName());
    attributes.put("temperature", temperature);
    attributes.put("weight", weight);
    return attributes;
  }

  @Override
  public Shape outputShape(List<Shape> inputs) {
    Inputs.require(
        inputs.size() == 2 && inputs.get(0).equals(inputs.get(1)),
        "the student must have outputs of the teacher's shape: got %s.",
        inputs);
    Inputs.requireActivation(inputs.get(0));
    return inputs.get(0);
  }

  @Override
  public boolean makesNewValues() {
    return false;
  }

  @Override
  public int evaluatedInputs(int inputs) {
    return 1;
  }

  @Override
  public List<Operation> compile(OperationContext context) {
    return List.of(new DistillationOperation(this, context));
  }
}
