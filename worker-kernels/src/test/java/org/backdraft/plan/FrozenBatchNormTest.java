package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Set;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Activation;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.optim.Sgd;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A frozen batch normalization is a factor and a summand of each channel, in training too. */
class FrozenBatchNormTest {
  private static final int EXAMPLES = 19;
  private static final Shape INPUT = Shape.of(3, 5, 5);

  private static Network network() {
    return Network.named("frozen", INPUT)
        .add("conv1", Conv2d.of(6, 3))
        .add("bn1", new BatchNorm2d())
        .add("relu1", Activation.relu())
        .add("conv2", Conv2d.of(4, 3))
        .add("bn2", new BatchNorm2d())
        .add("flat", new Flatten())
        .add("fc", Linear.of(3))
        .build();
  }

  private static LocalRun run(int workers, int threads, int accumulate, Set<String> frozen) {
    LocalRun run =
        new LocalRun(
            network(),
            Loss.SOFTMAX_CROSS_ENTROPY,
            new Leaves(8),
            workers,
            threads,
            EXAMPLES,
            new Plan.Options(accumulate, false, frozen, Set.of()));
    for (int rank = 0; rank < workers; rank++) {
      float[] buffers = run.replica(rank).buffers();
      for (int i = 0; i < buffers.length; i++) {
        buffers[i] = 0.3f + 0.1f * (i % 7);
      }
    }
    return run;
  }

  @ParameterizedTest
  @CsvSource({"1,1,1", "1,3,1", "2,1,1", "3,2,1", "1,1,4", "2,2,2"})
  void gradientsAreThoseOfAnEvaluationOnAnyWorkers(int workers, int threads, int accumulate) {
    Set<String> frozen = Set.of("bn1", "bn2");
    try (LocalRun one = run(1, 1, 1, frozen);
        LocalRun many = run(workers, threads, accumulate, frozen)) {
      float[] buffers = one.replica(0).buffers().clone();
      for (int step = 0; step < 3; step++) {
        float[] expected = one.step(EXAMPLES, step, 1, 0);
        float[] sum = many.step(EXAMPLES, step, 1, 0);
        assertThat(sum).containsExactly(expected);
        one.update(new Sgd(0), expected, 0.1f);
        many.update(new Sgd(0), sum, 0.1f);
      }
      assertThat(one.replica(0).buffers()).containsExactly(buffers);
      assertThat(many.replica(workers - 1).buffers()).containsExactly(buffers);
    }
  }

  @ParameterizedTest
  @CsvSource({"conv1.weight, 5", "conv1.bias, 2", "conv2.weight, 40", "fc.bias, 1"})
  void gradientsAreDifferencesOfTheEvaluatedLoss(String parameter, int element) {
    try (LocalRun run = run(1, 2, 1, Set.of("bn1", "bn2"))) {
      float[] sum = run.step(EXAMPLES, 0, 1, 0);
      ParameterTable table = run.replica(0).plan().parameterTable();
      int at = table.entry(parameter).begin() + element;
      double gradient = sum[at];
      float[] w = run.replica(0).parameters();
      float h = 1e-3f;
      float middle = w[at];
      w[at] = middle + h;
      double above = evaluated(run);
      w[at] = middle - h;
      double below = evaluated(run);
      assertThat(gradient)
          .isCloseTo((above - below) / (2 * h), within(0.05 * Math.abs(gradient) + 0.02));
      assertThat(gradient).isNotZero();
    }
  }

  private static double evaluated(LocalRun run) {
    float[] losses = new float[EXAMPLES];
    run.replica(0).evaluate(run.batch(0), losses, new float[EXAMPLES], new int[EXAMPLES]);
    double sum = 0;
    for (float each : losses) {
      sum += each;
    }
    return sum;
  }

  @ParameterizedTest
  @CsvSource({"bn1", "bn2"})
  void aLayerThatIsNotFrozenStillLearns(String frozen) {
    try (LocalRun run = run(1, 1, 1, Set.of(frozen))) {
      float[] buffers = run.replica(0).buffers().clone();
      run.update(new Sgd(0), run.step(EXAMPLES, 0, 1, 0), 0.1f);
      for (ParameterTable.Entry entry : run.replica(0).plan().bufferTable().entries()) {
        boolean stays = entry.name().startsWith(frozen);
        assertThat(run.replica(0).buffers()[entry.begin()] == buffers[entry.begin()])
            .as(entry.name())
            .isEqualTo(stays);
      }
      for (float share : run.replica(0).plan().statisticsShares()) {
        assertThat(share).isIn(0f, 0.1f);
      }
    }
  }
}
