package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.backdraft.init.Initializer;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Distillation;
import org.backdraft.nn.Network;
import org.backdraft.nn.TaughtNetwork;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.backdraft.text.Glob;
import org.backdraft.zoo.ModelZoo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A student's gradient is that of its labels and of its teacher's outputs. */
class DistillationTest {
  private static final Shape INPUT = Shape.of(3, 16, 16);
  private static final int CLASSES = 5;
  private static final int EXAMPLES = 6;
  private static final Network STUDENT =
      ModelZoo.create("mlp:hidden=7,activation=tanh", INPUT, CLASSES);

  /** Batch normalization, which must use its running statistics, and much depth. */
  private static final Network TEACHER = ModelZoo.create("resnet20:width=0.25", INPUT, CLASSES);

  private static final ParameterGroups FROZEN =
      new ParameterGroups(List.of(), List.of(new Glob(TaughtNetwork.PREFIX + "*")), true);

  private static Replica replica(Network network, int leaves, int threads) {
    Plan.Options options =
        new Plan.Options(
            1,
            false,
            FROZEN.frozenLayers(network.bufferTable()),
            FROZEN.untrainedLayers(network.parameterTable()));
    Leaves cut = new Leaves(leaves);
    Plan.Request request =
        new Plan.Request(
            network, Loss.SOFTMAX_CROSS_ENTROPY, cut, cut.rangeOf(0, 1), EXAMPLES, threads, 0);
    Replica replica = new Replica(Plan.compile(request.with(options), LocalRun.KERNELS));
    Initializer.HE.initialize(network.parameterTable(), replica.parameters(), 3);
    Initializer.HE.initialize(network.bufferTable(), replica.buffers(), 3);
    return replica;
  }

  private static Batch batch() {
    Batch batch = new Batch(ActivationLayout.dense(INPUT), EXAMPLES);
    GoldenData.fill(batch, 4, 0, EXAMPLES);
    for (int e = 0; e < EXAMPLES; e++) {
      batch.labels()[e] %= CLASSES;
    }
    return batch;
  }

  private static float[] gradient(Network network, int leaves, int threads) {
    try (Replica replica = replica(network, leaves, threads)) {
      replica.trainStep(batch(), 1, 0);
      return Arrays.copyOf(replica.sums()[0], network.parameterTable().size());
    }
  }

  private static double[] outputs(Replica replica) {
    float[] losses = new float[EXAMPLES];
    replica.evaluate(batch(), losses, new float[EXAMPLES], new int[EXAMPLES]);
    double[] outputs = new double[EXAMPLES * CLASSES];
    float[] one = new float[CLASSES];
    for (int e = 0; e < EXAMPLES; e++) {
      replica.output(e, one);
      for (int c = 0; c < CLASSES; c++) {
        outputs[e * CLASSES + c] = one[c];
      }
    }
    return outputs;
  }

  /** (1 − w) · cross-entropy + w · soft, summed over examples, by the formulas of the layer. */
  private static double objective(
      double[] student, double[] teacher, int[] labels, Distillation settings) {
    double sum = 0;
    for (int e = 0; e < EXAMPLES; e++) {
      double[] s = Arrays.copyOfRange(student, e * CLASSES, (e + 1) * CLASSES);
      double[] t = Arrays.copyOfRange(teacher, e * CLASSES, (e + 1) * CLASSES);
      double soft = 0;
      if (settings.match() == Distillation.Match.OUTPUTS) {
        for (int c = 0; c < CLASSES; c++) {
          soft += (s[c] - t[c]) * (s[c] - t[c]) / 2;
        }
      } else {
        double[] p = softmax(t, settings.temperature());
        double[] q = softmax(s, settings.temperature());
        for (int c = 0; c < CLASSES; c++) {
          soft += settings.temperature() * settings.temperature() * p[c] * Math.log(p[c] / q[c]);
        }
      }
      sum += -(1 - settings.weight()) * Math.log(softmax(s, 1)[labels[e]]);
      sum += settings.weight() * soft;
    }
    return sum;
  }

  private static double[] softmax(double[] x, double temperature) {
    double total = Arrays.stream(x).map(v -> Math.exp(v / temperature)).sum();
    return Arrays.stream(x).map(v -> Math.exp(v / temperature) / total).toArray();
  }

  @ParameterizedTest
  @CsvSource({"SOFTMAX, 4, 0.7", "SOFTMAX, 1, 1", "OUTPUTS, 1, 0.4", "SOFTMAX, 3, 0"})
  void gradientIsThatOfFiniteDifferences(
      Distillation.Match match, float temperature, float weight) {
    Distillation settings = new Distillation(match, temperature, weight);
    Network taught = TaughtNetwork.of(STUDENT, TEACHER, settings);
    float[] gradient = gradient(taught, 1, 1);
    int own = STUDENT.parameterTable().size();
    double[] teacher;
    try (Replica alone = replica(TEACHER, 1, 1);
        Replica both = replica(taught, 1, 1)) {
      System.arraycopy(
          both.parameters(), own, alone.parameters(), 0, TEACHER.parameterTable().size());
      teacher = outputs(alone);
    }
    try (Replica student = replica(STUDENT, 1, 1)) {
      for (int at = 0; at < own; at += 1 + own / 60) {
        float before = student.parameters()[at];
        float step = 4e-3f;
        student.parameters()[at] = before + step;
        double up = objective(outputs(student), teacher, batch().labels(), settings);
        student.parameters()[at] = before - step;
        double down = objective(outputs(student), teacher, batch().labels(), settings);
        student.parameters()[at] = before;
        assertThat((double) gradient[at])
            .as("parameter %d", at)
            .isCloseTo((up - down) / (2 * step), within(5e-3 * (1 + Math.abs(gradient[at]))));
      }
    }
    for (int i = own; i < gradient.length; i++) {
      assertThat(gradient[i]).isZero();
    }
  }

  @Test
  void withoutWeightTheTeacherChangesNoBit() {
    Network taught =
        TaughtNetwork.of(STUDENT, TEACHER, new Distillation(Distillation.Match.SOFTMAX, 2, 0));
    float[] alone = gradient(STUDENT, 1, 1);
    assertThat(Arrays.copyOf(gradient(taught, 1, 1), alone.length)).isEqualTo(alone);
  }

  @Test
  void anEvaluationRunsNothingOfTheTeacher() {
    Network taught =
        TaughtNetwork.of(STUDENT, TEACHER, new Distillation(Distillation.Match.SOFTMAX, 2, 0.5f));
    try (Replica replica = replica(taught, 1, 2)) {
      double[] before = outputs(replica);
      float[] parameters = replica.parameters();
      Arrays.fill(
          parameters, STUDENT.parameterTable().size(), taught.parameterTable().size(), Float.NaN);
      assertThat(outputs(replica)).isEqualTo(before);
      assertThat(replica.firstNonFiniteLayer()).isEmpty();
      replica.trainStep(batch(), 1, 0);
      assertThat(replica.firstNonFiniteLayer())
          .hasValueSatisfying(name -> assertThat(name).startsWith(TaughtNetwork.PREFIX));
    }
  }

  @Test
  void threadsChangeNoBit() {
    Network taught =
        TaughtNetwork.of(STUDENT, TEACHER, new Distillation(Distillation.Match.SOFTMAX, 2, 0.5f));
    float[] one = gradient(taught, 2, 1);
    assertThat(gradient(taught, 2, 2)).isEqualTo(one);
    assertThat(gradient(taught, 2, 3)).isEqualTo(one);
  }

  @Test
  void studentComesOutAsItWentIn() {
    Network taught =
        TaughtNetwork.of(STUDENT, TEACHER, new Distillation(Distillation.Match.OUTPUTS, 1, 1));
    assertThat(TaughtNetwork.student(taught).nodes()).isEqualTo(STUDENT.nodes());
    assertThat(FROZEN.untrainedLayers(taught.parameterTable()))
        .allMatch(name -> name.startsWith(TaughtNetwork.PREFIX))
        .hasSize(
            TEACHER.parameterTable().entries().stream()
                .map(entry -> entry.name().substring(0, entry.name().lastIndexOf('.')))
                .collect(java.util.stream.Collectors.toSet())
                .size());
    assertThatThrownBy(
            () ->
                TaughtNetwork.of(
                    STUDENT,
                    ModelZoo.create("lenet5", Shape.of(1, 28, 28), CLASSES),
                    new Distillation(Distillation.Match.OUTPUTS, 1, 1)))
        .hasMessageContaining("'lenet5' takes");
    assertThat(Set.of("softmax", "outputs")).contains(Distillation.Match.OUTPUTS.configName());
  }
}
