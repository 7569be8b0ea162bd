package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.nn.Distillation;

/**
 * Whether the network learns from a trained one too: the section {@code distill}.
 *
 * @param teacher a run folder or a model file; empty for none
 * @param match {@code softmax} or {@code outputs}, see {@link Distillation}
 * @param temperature of {@code softmax}, above 0
 * @param weight of what the teacher says, in [0, 1]; the labels have the rest
 */
public record DistillConfig(
    @JsonProperty("teacher") String teacher,
    @JsonProperty("match") String match,
    @JsonProperty("temperature") float temperature,
    @JsonProperty("weight") float weight) {
  public DistillConfig {
    require(teacher != null, "distill.teacher must be a run or a model file, or empty for none.");
    Distillation unused = checked(() -> layer(match, temperature, weight));
  }

  /** No teacher. */
  public static DistillConfig defaults() {
    return new DistillConfig("", Distillation.Match.SOFTMAX.configName(), 4, 0.9f);
  }

  /** Whether there is a teacher. */
  public boolean hasTeacher() {
    return !teacher.isEmpty();
  }

  /** What compares both. */
  public Distillation layer() {
    return layer(match, temperature, weight);
  }

  private static Distillation layer(String match, float temperature, float weight) {
    return new Distillation(Distillation.Match.named(match), temperature, weight);
  }
}
