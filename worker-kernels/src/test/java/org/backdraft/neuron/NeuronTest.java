package org.backdraft.neuron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What one neuron can and cannot do, as the lecture has it. */
class NeuronTest {
  private static List<Integer> outputs(ThresholdUnit unit) {
    return unit.truthTable().stream().map(row -> row[unit.inputs()]).toList();
  }

  @Test
  void thresholdUnitsHaveTheirTruthTables() {
    assertThat(outputs(ThresholdUnit.and(2))).containsExactly(0, 0, 0, 1);
    assertThat(outputs(ThresholdUnit.or(2))).containsExactly(0, 1, 1, 1);
    assertThat(outputs(ThresholdUnit.not())).containsExactly(1, 0);
    assertThat(outputs(ThresholdUnit.andNot())).containsExactly(0, 0, 1, 0);
    assertThat(outputs(ThresholdUnit.or(3))).containsExactly(0, 1, 1, 1, 1, 1, 1, 1);
    assertThat(outputs(new ThresholdUnit(3, Set.of(), 2))).containsExactly(0, 0, 0, 1, 0, 1, 1, 1);
    assertThat(outputs(new ThresholdUnit(2, Set.of(), -1))).containsOnly(1);
    assertThat(outputs(new ThresholdUnit(2, Set.of(), 3))).containsOnly(0);
    assertThat(ThresholdUnit.andNot().boundary()).isEqualTo("x1 >= 1 and x2 = 0");
    assertThat(ThresholdUnit.or(3).boundary()).isEqualTo("x1 + x2 + x3 >= 1");
  }

  @Test
  void thresholdUnitsRefuseWhatTheyCannotTake() {
    assertThatThrownBy(() -> ThresholdUnit.and(2).output(1)).hasMessageContaining("2 inputs");
    assertThatThrownBy(() -> ThresholdUnit.and(2).output(1, 2)).hasMessageContaining("x2 is 2");
    assertThatThrownBy(() -> new ThresholdUnit(2, Set.of(2), 1)).hasMessageContaining("number 2");
  }

  @Test
  void perceptronLearnsAndOrAndNot() {
    for (Observations data : List.of(Observations.and(), Observations.or(), Observations.not())) {
      for (double rate : new double[] {1, 0.1, 0.03}) {
        Perceptron.Outcome outcome = new Perceptron(rate, 100).learn(data);
        assertThat(outcome.end()).isEqualTo(Perceptron.End.SEPARATED);
        assertThat(outcome.line().mistakes(data)).isZero();
        assertThat(outcome.epochs()).isLessThan(20);
      }
    }
  }

  @Test
  void perceptronSaysThatXorIsNotSeparable() {
    Perceptron.Outcome outcome = new Perceptron(1, 1000).learn(Observations.xor());
    assertThat(outcome.end()).isEqualTo(Perceptron.End.NOT_SEPARABLE);
    assertThat(outcome.mistakes()).isPositive();
    assertThat(outcome.period()).isPositive();
    assertThat(outcome.epochs()).isLessThan(1000);
    assertThat(new Perceptron(1, 2).learn(Observations.xor()).end())
        .isEqualTo(Perceptron.End.LIMIT);
  }

  /** Novikoff's bound (R / γ)², with the bias as a weight of an input that is always 1. */
  @Test
  void perceptronMakesNoMoreMistakesThanNovikoffAllows() {
    Random random = new Random(7);
    for (int run = 0; run < 20; run++) {
      Observations data = clouds(random, 40, 0.3);
      Perceptron.Outcome outcome = new Perceptron(1, 10_000).learn(data);
      assertThat(outcome.end()).isEqualTo(Perceptron.End.SEPARATED);
      Line best = new StablePerceptron(20_000).learn(data);
      double norm =
          Math.sqrt(
              best.bias() * best.bias() + best.weights().stream().mapToDouble(w -> w * w).sum());
      double gamma =
          best.margin(data)
              * Math.sqrt(best.weights().stream().mapToDouble(w -> w * w).sum())
              / norm;
      double radius =
          data.inputs().stream()
              .mapToDouble(x -> Math.sqrt(1 + x[0] * x[0] + x[1] * x[1]))
              .max()
              .orElseThrow();
      assertThat((double) outcome.updates()).isLessThanOrEqualTo(radius * radius / gamma / gamma);
    }
  }

  private static Observations clouds(Random random, int count, double gap) {
    List<double[]> inputs = new java.util.ArrayList<>();
    List<Integer> targets = new java.util.ArrayList<>();
    for (int j = 0; j < count; j++) {
      int target = j % 2;
      double side = target == 1 ? gap + random.nextDouble() : -gap - random.nextDouble();
      double along = 2 * random.nextDouble() - 1;
      inputs.add(new double[] {0.6 * side - 0.8 * along + 0.5, 0.8 * side + 0.6 * along});
      targets.add(target);
    }
    return new Observations(inputs, targets);
  }

  @Test
  void stablePerceptronHasTheLargestMargin() {
    // Half of what is between (1, 1) and the line through (0, 1) and (1, 0).
    Line and = new StablePerceptron(10_000).learn(Observations.and());
    assertThat(and.margin(Observations.and())).isCloseTo(Math.sqrt(0.5) / 2, within(1e-3));
    Line or = new StablePerceptron(10_000).learn(Observations.or());
    assertThat(or.margin(Observations.or())).isCloseTo(Math.sqrt(0.5) / 2, within(1e-3));
    assertThat(new Perceptron(1, 100).learn(Observations.and()).line().margin(Observations.and()))
        .isLessThan(Math.sqrt(0.5) / 2 - 0.01);
    Line xor = new StablePerceptron(1000).learn(Observations.xor());
    assertThat(xor.margin(Observations.xor())).isNotPositive();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0.1, -0.2125, 0.1875",
    "1, 0.110403, -0.2, 0.210403",
    "2, 0.111846, -0.188154, 0.211846",
    "3, 0.1, -0.2, 0.186391"
  })
  void exerciseGivesTheKnownNumbers(int number, double w1, double w2, double b) {
    LogisticNeuron neuron = LogisticNeuron.exercise();
    Observations data = Observations.exercise();
    neuron.learn(data.inputs().get(number), data.targets().get(number), 0.1);
    assertThat(neuron.line().weights().get(0)).isCloseTo(w1, within(5e-7));
    assertThat(neuron.line().weights().get(1)).isCloseTo(w2, within(5e-7));
    assertThat(neuron.line().bias()).isCloseTo(b, within(5e-7));
  }

  @Test
  void gradientByHandIsThatOfFiniteDifferences() {
    double step = 1e-6;
    double[] x = {0.3, -1.2};
    double[] at = {0.4, 0.7, -0.1};
    double[] gradient = new LogisticNeuron(new double[] {at[0], at[1]}, at[2]).gradient(x, 1);
    for (int i = 0; i < 3; i++) {
      double[] up = at.clone();
      double[] down = at.clone();
      up[i] += step;
      down[i] -= step;
      double difference =
          new LogisticNeuron(new double[] {up[0], up[1]}, up[2]).cost(x, 1)
              - new LogisticNeuron(new double[] {down[0], down[1]}, down[2]).cost(x, 1);
      assertThat(gradient[i]).isCloseTo(difference / (2 * step), within(1e-9));
    }
  }

  /** Q2: the cost has no minimum, it falls towards 0 while the weights grow without bound. */
  @Test
  void exerciseConvergesInCostButNotInWeights() {
    LogisticNeuron neuron = LogisticNeuron.exercise();
    Observations data = Observations.exercise();
    double cost = Double.POSITIVE_INFINITY;
    double norm = 0;
    for (int tenfold = 100; tenfold <= 100_000; tenfold *= 10) {
      for (int epoch = tenfold == 100 ? 0 : tenfold / 10; epoch < tenfold; epoch++) {
        neuron.learn(data, 0.1);
      }
      double length = Math.sqrt(neuron.line().weights().stream().mapToDouble(w -> w * w).sum());
      if (tenfold > 100) {
        assertThat(neuron.cost(data)).isLessThan(cost / 2);
        assertThat(length).isGreaterThan(norm + 1);
      }
      cost = neuron.cost(data);
      norm = length;
    }
    assertThat(neuron.line().mistakes(data)).isZero();
    assertThat(cost).isLessThan(1e-3);
  }

  @Test
  void lineReadsAsOneWritesIt() {
    assertThat(Line.of(new double[] {1, -2.5}, -3).toString()).isEqualTo("1 x1 - 2.5 x2 - 3 > 0");
  }
}
