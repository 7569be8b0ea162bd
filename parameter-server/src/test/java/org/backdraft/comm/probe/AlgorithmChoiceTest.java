package org.backdraft.comm.probe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.ProbeResult.AlgorithmTime;
import org.junit.jupiter.api.Test;

class AlgorithmChoiceTest {
  private static AlgorithmChoice choice(double standard, double other, double third) {
    return new AlgorithmChoice(
        List.of(
            new AlgorithmTime(AllReduceAlgorithm.HALVING_DOUBLING, standard, 0.0001),
            new AlgorithmTime(AllReduceAlgorithm.DIRECT, other, 0.0001),
            new AlgorithmTime(AllReduceAlgorithm.DIRECT_RING, third, 0.0001)),
        AllReduceAlgorithm.HALVING_DOUBLING,
        1000,
        10_000);
  }

  @Test
  void theFastestIsTakenAndTheReasonSaysWhatItSaves() {
    AlgorithmChoice choice = choice(0.001, 0.0008, 0.0007);
    assertThat(choice.chosen()).isEqualTo(AllReduceAlgorithm.DIRECT_RING);
    assertThat(choice.reason(choice.chosen()))
        .isEqualTo("7.10 ms a step, 30% less than halving-doubling");
  }

  @Test
  void aGainThatMayBeNoiseLeavesTheStandard() {
    AlgorithmChoice choice = choice(0.001, 0.00097, 0.00096);
    assertThat(choice.chosen()).isEqualTo(AllReduceAlgorithm.HALVING_DOUBLING);
    assertThat(choice.reason(choice.chosen())).contains("10.1 ms").contains("no other");
  }

  @Test
  void shortSumsCountWhereTheyAreWhatCosts() {
    AlgorithmChoice choice =
        new AlgorithmChoice(
            List.of(
                new AlgorithmTime(AllReduceAlgorithm.DIRECT, 0.0001, 0.01),
                new AlgorithmTime(AllReduceAlgorithm.DIRECT_RING, 0.0002, 0.001)),
            AllReduceAlgorithm.DIRECT,
            1000,
            1000);
    assertThat(choice.chosen()).isEqualTo(AllReduceAlgorithm.DIRECT_RING);
  }
}
