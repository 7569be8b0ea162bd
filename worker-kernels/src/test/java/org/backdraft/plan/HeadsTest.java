package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.loss.MeanSquaredError;
import org.backdraft.loss.SoftmaxCrossEntropy;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AuxiliaryLoss;
import org.backdraft.nn.Concat;
import org.backdraft.nn.IndexException;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Networks with several answers, each with a loss and numbers of its own. */
class HeadsTest {
  private static final int EXAMPLES = 11;

  private static final HeadLosses LOSSES =
      new HeadLosses(
          List.of(
              new Head("place", new MeanSquaredError(), 2, 0, 1, 2),
              new Head("kind", SoftmaxCrossEntropy.plain(), 0.5f, 3, 0, 1)));

  private static Network network() {
    return trunk("two answers")
        .add("place", Linear.of(2), "tanh")
        .add("kind", Linear.of(3), "tanh")
        .add("answers", new Concat(), "place", "kind")
        .build();
  }

  private static NetworkBuilder trunk(String name) {
    return Network.named(name, Shape.of(4)).add("fc", Linear.of(5)).add("tanh", Activation.tanh());
  }

  private static LocalRun run(int workers, int threads) {
    return new LocalRun(network(), LOSSES, new Leaves(4), workers, threads, EXAMPLES);
  }

  @ParameterizedTest
  @CsvSource({"1,2", "2,1", "3,2", "4,1"})
  void sumsHaveTheSameBitsForAnyNumberOfWorkersAndThreads(int workers, int threads) {
    try (LocalRun one = run(1, 1);
        LocalRun many = run(workers, threads)) {
      assertThat(many.step(EXAMPLES, 3, 1, 0)).isEqualTo(one.step(EXAMPLES, 3, 1, 0));
    }
  }

  @Test
  void theLossIsDividedByExamplesAndHitsAreThoseOfTheFirstHeadOfClasses() {
    try (LocalRun run = run(1, 1)) {
      float[] sums = run.step(EXAMPLES, 3, 1, 0);
      Replica replica = run.replica(0);
      ReductionLayout layout = replica.plan().reduction();
      double loss = 0;
      int hits = 0;
      float[] output = new float[5];
      for (int e = 0; e < EXAMPLES; e++) {
        replica.output(e, output);
        float[] targets = run.batch(0).targets();
        int kind = (int) targets[3 * e];
        loss += squares(output, targets, 3 * e + 1) + 0.5 * crossEntropy(output, kind);
        hits += largest(output) == kind ? 1 : 0;
      }
      assertThat((double) sums[layout.lossIndex()]).isCloseTo(loss, within(1e-5));
      assertThat(sums[layout.denominatorIndex()]).isEqualTo(EXAMPLES);
      assertThat(sums[layout.labelsIndex()]).isEqualTo(EXAMPLES);
      assertThat(sums[layout.correctIndex()]).isEqualTo(hits);
    }
  }

  /** Twice the mean of two squares. */
  private static double squares(float[] output, float[] targets, int base) {
    double dx = output[0] - targets[base];
    double dy = output[1] - targets[base + 1];
    return dx * dx + dy * dy;
  }

  private static double crossEntropy(float[] output, int kind) {
    double sum = 0;
    for (int c = 0; c < 3; c++) {
      sum += Math.exp(output[2 + c]);
    }
    return Math.log(sum) - output[2 + kind];
  }

  private static int largest(float[] output) {
    int largest = 0;
    for (int c = 1; c < 3; c++) {
      largest = output[2 + c] > output[2 + largest] ? c : largest;
    }
    return largest;
  }

  @Test
  void aHeadWhoseLabelIsIgnoredLearnsNothingOfIt() {
    Loss ignoring = new SoftmaxCrossEntropy(0, List.of(), 2);
    HeadLosses losses =
        new HeadLosses(List.of(LOSSES.heads().get(0), new Head("kind", ignoring, 0.5f, 3, 0, 1)));
    try (LocalRun run = new LocalRun(network(), losses, new Leaves(1), 1, 1, EXAMPLES)) {
      run.fill(0, EXAMPLES, 3);
      for (int e = 0; e < EXAMPLES; e++) {
        run.batch(0).targets()[3 * e] = 2;
      }
      Replica replica = run.replica(0);
      replica.trainStep(run.batch(0), 1, 0);
      float[] sums = replica.sums()[0];
      int kind = replica.plan().parameterTable().entry("kind.weight").begin();
      for (int i = kind; i < kind + 15; i++) {
        assertThat(sums[i]).isZero();
      }
      assertThat(sums[0]).isNotZero();
      assertThat(sums[replica.plan().reduction().labelsIndex()]).isZero();
      assertThat(sums[replica.plan().reduction().denominatorIndex()]).isEqualTo(EXAMPLES);
    }
  }

  @Test
  void aNumberThatIsNoClassIsRefused() {
    try (LocalRun run = run(1, 1)) {
      for (float wrong : new float[] {3, -1, 0.5f, Float.NaN, Float.POSITIVE_INFINITY}) {
        run.fill(0, EXAMPLES, 3);
        run.batch(0).targets()[3 * 2] = wrong;
        assertThatThrownBy(() -> run.replica(0).trainStep(run.batch(0), 1, 0))
            .isInstanceOf(IndexException.class)
            .hasMessageContaining("Number 1 of an example must be a class of head 'kind'")
            .hasMessageContaining("[0, 3)")
            .hasMessageContaining("example 102 has " + wrong);
      }
    }
  }

  @Test
  void anOutputOfAnotherLengthIsRefused() {
    Network narrow = trunk("narrow").add("fc2", Linear.of(4)).build();
    assertThatThrownBy(() -> new LocalRun(narrow, LOSSES, new Leaves(1), 1, 1, 1))
        .hasMessageContaining("'narrow' must be a vector of the 5 outputs")
        .hasMessageContaining("place 2, kind 3");
  }

  @Test
  void headsThatCannotBeAreRefused() {
    Loss plain = SoftmaxCrossEntropy.plain();
    Loss squares = new MeanSquaredError();
    Loss weighted = new SoftmaxCrossEntropy(0, List.of(1f, 2f), -100);
    assertThatThrownBy(() -> new Head("a b", squares, 1, 0, 0, 1)).hasMessageContaining("'a b'");
    assertThatThrownBy(() -> new Head("a", squares, 0, 0, 0, 1)).hasMessageContaining("above 0");
    assertThatThrownBy(() -> new Head("a", plain, 1, 0, 0, 1)).hasMessageContaining("classes=N");
    assertThatThrownBy(() -> new Head("a", plain, 1, 1, 0, 1)).hasMessageContaining("2 classes");
    assertThatThrownBy(() -> new Head("a", plain, 1, 3, 0, 2)).hasMessageContaining("one number");
    assertThatThrownBy(() -> new Head("a", weighted, 1, 2, 0, 1)).hasMessageContaining("weights");
    assertThatThrownBy(() -> new Head("a", LOSSES, 1, 2, 0, 1)).hasMessageContaining("of heads");
    Head one = new Head("a", squares, 1, 0, 0, 1);
    assertThatThrownBy(() -> new HeadLosses(List.of(one, one))).hasMessageContaining("twice");
    assertThatThrownBy(() -> new HeadLosses(List.of())).hasMessageContaining("at least one");
  }

  /** An output that learns without answering, and the same as a head of its own. */
  @Test
  void anAuxiliaryOutputLearnsFromNumbersToo() {
    HeadLosses answering =
        new HeadLosses(List.of(new Head("place", new MeanSquaredError(), 1, 0, 0, 2)));
    HeadLosses both =
        new HeadLosses(
            List.of(
                new Head("place", new MeanSquaredError(), 1, 0, 0, 2),
                new Head("side", new MeanSquaredError(), 0.5f, 0, 0, 2)));
    Network auxiliary =
        trunk("auxiliary")
            .add("place", Linear.of(2), "tanh")
            .add("side", Linear.of(2), "tanh")
            .add("loss", new AuxiliaryLoss(0.5f), "place", "side")
            .build();
    Network heads =
        trunk("heads")
            .add("place", Linear.of(2), "tanh")
            .add("side", Linear.of(2), "tanh")
            .add("answers", new Concat(), "place", "side")
            .build();
    try (LocalRun one = new LocalRun(auxiliary, answering, new Leaves(2), 1, 1, EXAMPLES);
        LocalRun two = new LocalRun(heads, both, new Leaves(2), 1, 1, EXAMPLES)) {
      float[] found = one.step(EXAMPLES, 3, 1, 0);
      float[] expected = two.step(EXAMPLES, 3, 1, 0);
      int parameters = one.replica(0).plan().reduction().parameters();
      for (int i = 0; i < parameters; i++) {
        assertThat(found[i]).as("parameter %d", i).isCloseTo(expected[i], within(1e-6f));
      }
      assertThat(found[parameters - 1]).isNotZero();
    }
  }
}
