package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireFraction;
import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.config.ConfigChecks.requireRate;
import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.optim.BarzilaiBorwein;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.OptimizerSettings;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.optim.Rprop;
import org.backdraft.optim.SearchRule;

/**
 * The optimiser: what {@link OptimizerSettings} says, and the learning rate that training starts
 * with: the section {@code optimizer}. Unless given, settings are those of {@link #defaults} of the
 * optimiser's name.
 *
 * @param noDecay whether biases and parameters of normalizations have no weight decay
 * @param groups parameters that are treated otherwise, see {@link GroupList}
 */
public record OptimizerConfig(
    @JsonProperty("name") String name,
    @JsonProperty("lr") float learningRate,
    @JsonProperty("momentum") float momentum,
    @JsonProperty("nesterov") boolean nesterov,
    @JsonProperty("weight-decay") float weightDecay,
    @JsonProperty("beta1") float beta1,
    @JsonProperty("beta2") float beta2,
    @JsonProperty("epsilon") float epsilon,
    @JsonProperty("alpha") float alpha,
    @JsonProperty("centered") boolean centered,
    @JsonProperty("lr-decay") float lrDecay,
    @JsonProperty("initial-accumulator") float initialAccumulator,
    @JsonProperty("eta-minus") float etaMinus,
    @JsonProperty("eta-plus") float etaPlus,
    @JsonProperty("step-min") float stepMin,
    @JsonProperty("step-max") float stepMax,
    @JsonProperty("trust") float trust,
    @JsonProperty("history") int history,
    @JsonProperty("no-decay") boolean noDecay,
    @JsonProperty("groups") String groups,
    @JsonProperty("implicit") ImplicitConfig implicit) {
  public OptimizerConfig {
    require(implicit != null, "optimizer.implicit must be given.");
    requireOneOf("optimizer.name", name, OptimizerSettings.names());
    requireRate("optimizer.lr", learningRate, false);
    requireFraction("optimizer.momentum", momentum);
    requireRate("optimizer.weight-decay", weightDecay, true);
    requireFraction("optimizer.beta1", beta1);
    requireFraction("optimizer.beta2", beta2);
    requireRate("optimizer.epsilon", epsilon, false);
    List<ParameterGroups.Group> unused = GroupList.parse(groups);
  }

  /** The settings of an optimiser that are not given; see {@link OptimizerSettings#defaults}. */
  public static OptimizerConfig defaults(String name) {
    requireOneOf("optimizer.name", name, OptimizerSettings.names());
    OptimizerSettings s = OptimizerSettings.defaults(name);
    return new OptimizerConfig(
        name,
        s.learningRate(),
        s.momentum(),
        s.nesterov(),
        s.weightDecay(),
        s.beta1(),
        s.beta2(),
        s.epsilon(),
        s.alpha(),
        s.centered(),
        s.lrDecay(),
        s.initialAccumulator(),
        s.etaMinus(),
        s.etaPlus(),
        s.stepMin(),
        s.stepMax(),
        s.trust(),
        s.history(),
        false,
        "",
        new ImplicitConfig(s.evaluations()));
  }

  /**
   * Which parameters are treated otherwise than the others.
   *
   * @param frozen patterns of those that are not trained, with commas between them
   */
  ParameterGroups parameterGroups(String frozen) {
    return new ParameterGroups(GroupList.parse(groups), GroupList.patterns(frozen), !noDecay);
  }

  /** Whether each step is as long as the learning rate says that it has by the schedule. */
  public boolean followsSchedule() {
    Optimizer rule = rule();
    return !(rule instanceof SearchRule
        || rule instanceof Rprop
        || rule instanceof BarzilaiBorwein);
  }

  /**
   * The optimiser.
   *
   * @throws ConfigurationException if a setting that it needs is out of range
   */
  public Optimizer rule() {
    OptimizerSettings settings =
        new OptimizerSettings(
            learningRate,
            momentum,
            nesterov,
            weightDecay,
            beta1,
            beta2,
            epsilon,
            alpha,
            centered,
            lrDecay,
            initialAccumulator,
            etaMinus,
            etaPlus,
            stepMin,
            stepMax,
            trust,
            history,
            implicit.evaluations());
    return checked(() -> settings.create(name));
  }
}
