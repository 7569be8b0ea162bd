package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireOneOf;
import static org.backdraft.driver.config.ConfigChecks.requireRate;
import static org.backdraft.driver.failure.ConfigurationException.checked;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.optim.LearningRateSchedule;
import org.backdraft.optim.OneCycle;
import org.backdraft.optim.Plateau;
import org.backdraft.optim.RangeTest;
import org.backdraft.optim.Warmup;

/**
 * How the learning rate changes as training goes on: the section {@code schedule}. Unless given,
 * settings are those of {@link #defaults} of the schedule's name.
 *
 * @param name {@code constant}, {@code step}, {@code multi-step}, {@code exponential}, {@code
 *     polynomial}, {@code cosine}, {@code one-cycle}, {@code range-test} or {@code plateau}
 * @param every epochs between two drops of {@code step}
 * @param factor of each drop of {@code step}, {@code multi-step} and {@code plateau}, and of each
 *     epoch of {@code exponential}
 * @param milestones of {@code multi-step}: epochs with commas between them
 * @param power of {@code polynomial}
 * @param endRate of {@code polynomial} and {@code cosine} the rate after the last step, of {@code
 *     plateau} the least one
 * @param warmup {@code N steps} or {@code N epochs} in which the rate rises before the schedule
 *     begins; empty for none
 * @param warmupStart the factor of the first of these steps
 * @param baseBatch the global batch that {@code optimizer.lr} is meant for: the rate is multiplied
 *     by batch / base batch (Goyal et al. 2017, section 2.1); 0 to leave it
 */
public record ScheduleConfig(
    @JsonProperty("name") String name,
    @JsonProperty("every") int every,
    @JsonProperty("factor") float factor,
    @JsonProperty("milestones") String milestones,
    @JsonProperty("power") float power,
    @JsonProperty("end-lr") float endRate,
    @JsonProperty("warmup") String warmup,
    @JsonProperty("warmup-start") float warmupStart,
    @JsonProperty("base-batch") int baseBatch,
    @JsonProperty("one-cycle") Cycle oneCycle,
    @JsonProperty("range-test") Range rangeTest,
    @JsonProperty("plateau") OnPlateau plateau) {
  private static final String PLATEAU = "plateau";
  private static final String RANGE_TEST = "range-test";
  private static final List<String> NAMES =
      List.of(
          "constant",
          "step",
          "multi-step",
          "exponential",
          "polynomial",
          "cosine",
          "one-cycle",
          RANGE_TEST,
          PLATEAU);
  private static final Pattern LENGTH =
      Pattern.compile("\\s*([1-9][0-9]{0,8})\\s*(steps?|epochs?)\\s*");

  public ScheduleConfig {
    requireOneOf("schedule.name", name, NAMES);
    require(every >= 1, "schedule.every must be at least 1: got %d.", every);
    requireRate("schedule.factor", factor, false);
    require(milestones != null, "schedule.milestones must be epochs, or empty.");
    requireRate("schedule.power", power, false);
    requireRate("schedule.end-lr", endRate, true);
    require(
        warmup != null && (warmup.isBlank() || LENGTH.matcher(warmup).matches()),
        "schedule.warmup must be N steps or N epochs, or empty for none: got '%s'.",
        warmup);
    require(
        warmupStart > 0 && warmupStart <= 1,
        "schedule.warmup-start must lie in (0, 1]: got %s.",
        warmupStart);
    require(baseBatch >= 0, "schedule.base-batch must be at least 0 (none): got %d.", baseBatch);
    require(oneCycle != null, "schedule.one-cycle must be given.");
    require(rangeTest != null, "schedule.range-test must be given.");
    require(plateau != null, "schedule.plateau must be given.");
    LearningRateSchedule unused =
        rates(
            name,
            every,
            factor,
            milestones,
            power,
            endRate,
            warmup,
            warmupStart,
            oneCycle,
            rangeTest);
    if (name.equals(PLATEAU)) {
      Plateau unusedRule = plateau.rule(factor, endRate);
    }
  }

  /** The names that a schedule can have. */
  public static List<String> names() {
    return NAMES;
  }

  /** The settings of a schedule that are not given: PyTorch's where it has any. */
  public static ScheduleConfig defaults(String name) {
    requireOneOf("schedule.name", name, NAMES);
    boolean isPerEpoch = name.equals("exponential");
    return new ScheduleConfig(
        name,
        1,
        isPerEpoch ? 0.95f : 0.1f,
        name.equals("multi-step") ? "30,60,80" : "",
        1,
        0,
        "",
        0.01f,
        0,
        new Cycle(0.3f, 25, 10_000, "cosine", false),
        new Range(1e-7f),
        new OnPlateau(10, 1e-4f, 0, "val_loss"));
  }

  /** The schedule, with its warm-up before it. */
  public LearningRateSchedule rates() {
    return rates(
        name, every, factor, milestones, power, endRate, warmup, warmupStart, oneCycle, rangeTest);
  }

  /** When the rate is lowered since validations get no better, if it is. */
  public Optional<Plateau> plateauRule() {
    return name.equals(PLATEAU) ? Optional.of(plateau.rule(factor, endRate)) : Optional.empty();
  }

  /**
   * The rate that training starts with.
   *
   * @param learningRate as configured
   * @param batch the global one
   */
  public float initialRate(float learningRate, int batch) {
    return baseBatch == 0 ? learningRate : (float) ((double) learningRate * batch / baseBatch);
  }

  /** Checks that rates can rise from one end to the other. */
  void requireFits(float learningRate) {
    require(
        !name.equals(RANGE_TEST) || learningRate > rangeTest.startRate(),
        "optimizer.lr must be above schedule.range-test.start-lr with range-test: got %s and %s.",
        learningRate,
        rangeTest.startRate());
  }

  private static LearningRateSchedule rates(
      String name,
      int every,
      float factor,
      String milestones,
      float power,
      float endRate,
      String warmup,
      float warmupStart,
      Cycle oneCycle,
      Range rangeTest) {
    LearningRateSchedule schedule =
        checked(
            () ->
                switch (name) {
                  case "step" -> new LearningRateSchedule.StepDecay(every, factor);
                  case "multi-step" ->
                      new LearningRateSchedule.MultiStep(epochs(milestones), factor);
                  case "exponential" -> new LearningRateSchedule.Exponential(factor);
                  case "polynomial" -> new LearningRateSchedule.Polynomial(power, endRate);
                  case "cosine" -> new LearningRateSchedule.Cosine(endRate);
                  case "one-cycle" -> oneCycle.schedule();
                  case RANGE_TEST -> new RangeTest(rangeTest.startRate());
                  default -> new LearningRateSchedule.Constant();
                });
    Matcher length = LENGTH.matcher(warmup);
    if (!length.matches()) {
      return schedule;
    }
    Warmup.Unit unit = length.group(2).startsWith("step") ? Warmup.Unit.STEPS : Warmup.Unit.EPOCHS;
    return new Warmup(schedule, Long.parseLong(length.group(1)), unit, warmupStart);
  }

  private static List<Integer> epochs(String text) {
    List<Integer> epochs = new ArrayList<>();
    try {
      for (String each : text.isBlank() ? new String[0] : text.split(",", -1)) {
        epochs.add(Integer.parseInt(each.trim()));
      }
    } catch (NumberFormatException e) {
      throw new ConfigurationException(
          "schedule.milestones must be epochs with commas between them, like 30,60,80: got '%s'."
              .formatted(text),
          e);
    }
    return epochs;
  }

  /**
   * Of {@code one-cycle}: the section {@code schedule.one-cycle}.
   *
   * @param rise the share of all steps in which the rate rises
   * @param startDivisor what the highest rate is divided by at the first step
   * @param endDivisor what the first step's rate is divided by at the last step
   * @param curve {@code cosine} or {@code linear}
   * @param threePhases whether the rate falls to where it began before it falls to its end
   */
  public record Cycle(
      @JsonProperty("rise") float rise,
      @JsonProperty("start-divisor") float startDivisor,
      @JsonProperty("end-divisor") float endDivisor,
      @JsonProperty("curve") String curve,
      @JsonProperty("three-phase") boolean threePhases) {
    private static final String LINEAR = "linear";

    public Cycle {
      requireOneOf("schedule.one-cycle.curve", curve, List.of("cosine", LINEAR));
      OneCycle unused = schedule(rise, startDivisor, endDivisor, curve, threePhases);
    }

    OneCycle schedule() {
      return schedule(rise, startDivisor, endDivisor, curve, threePhases);
    }

    private static OneCycle schedule(
        float rise, float start, float end, String curve, boolean threePhases) {
      return checked(() -> new OneCycle(rise, start, end, curve.equals(LINEAR), threePhases));
    }
  }

  /**
   * Of {@code range-test}: the section {@code schedule.range-test}.
   *
   * @param startRate of the first step; that of the last one is {@code optimizer.lr}
   */
  public record Range(@JsonProperty("start-lr") float startRate) {
    public Range {
      requireRate("schedule.range-test.start-lr", startRate, false);
    }
  }

  /**
   * Of {@code plateau}: the section {@code schedule.plateau}.
   *
   * @param patience epochs in a row that may be no better than the best one
   * @param threshold by which part of the best value another one has to be better
   * @param cooldown epochs after a drop that do not count
   * @param monitor {@code val_loss} or {@code val_accuracy}
   */
  public record OnPlateau(
      @JsonProperty("patience") int patience,
      @JsonProperty("threshold") float threshold,
      @JsonProperty("cooldown") int cooldown,
      @JsonProperty("monitor") String monitor) {
    private static final String ACCURACY = "val_accuracy";

    public OnPlateau {
      requireOneOf("schedule.plateau.monitor", monitor, List.of("val_loss", ACCURACY));
      Plateau unused = rule(0.5f, patience, threshold, cooldown, 0, monitor);
    }

    Plateau rule(float factor, float least) {
      return rule(factor, patience, threshold, cooldown, least, monitor);
    }

    private static Plateau rule(
        float factor, int patience, float threshold, int cooldown, float least, String monitor) {
      return checked(
          () ->
              new Plateau(factor, patience, threshold, cooldown, least, monitor.equals(ACCURACY)));
    }
  }
}
