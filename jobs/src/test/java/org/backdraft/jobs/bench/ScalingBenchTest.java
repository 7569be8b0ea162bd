package org.backdraft.jobs.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.jobs.bench.ScalingBench.Scaling;
import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.nn.Network;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.scaling.CostParameters;
import org.backdraft.scaling.Jitter;
import org.backdraft.scaling.StepCompute;
import org.backdraft.scaling.StepShape;
import org.junit.jupiter.api.Test;

final class ScalingBenchTest {
  private static final Network NETWORK = ModelLookup.network("resnet20", null);

  private static ScalingBench.Request request(Scaling scaling, int batch, Integer... ranks) {
    return new ScalingBench.Request(
        NETWORK,
        scaling,
        batch,
        List.of(ranks),
        1,
        Optional.empty(),
        0,
        new CostParameters(0, 0, 0),
        new StepCompute(6, 1, Jitter.NONE));
  }

  @Test
  void whereNothingIsExchangedOnlyTheUpdateIsSaved() {
    // T(1) = 6 + 1; T(4) = 6 + 1/4 with as much work for each, 6/4 + 1/4 where they share it.
    assertThat(ScalingBench.predict(request(Scaling.WEAK, 64, 4)).get(0).efficiency())
        .isCloseTo(7 / 6.25, within(0.01));
    assertThat(ScalingBench.predict(request(Scaling.STRONG, 64, 4)).get(0).efficiency())
        .isCloseTo(7 / (4 * 1.75), within(0.01));
  }

  @Test
  void rowsComeInTheOrderOfRanksEachWithItsAlgorithm() {
    List<ScalingBench.Row> rows = ScalingBench.predict(request(Scaling.WEAK, 64, 2, 3, 4));
    assertThat(rows).extracting(ScalingBench.Row::ranks).containsExactly(2, 3, 4);
    assertThat(rows)
        .extracting(ScalingBench.Row::algorithm)
        .containsExactly(
            AllReduceAlgorithm.HALVING_DOUBLING,
            AllReduceAlgorithm.DIRECT,
            AllReduceAlgorithm.HALVING_DOUBLING);
  }

  @Test
  void leavesAreTheDefaultOrAsManyAsRanks() {
    assertThat(ScalingBench.leaves(64, 2).count()).isEqualTo(4);
    assertThat(ScalingBench.leaves(64, 7).count()).isEqualTo(8);
    assertThat(ScalingBench.leaves(1L << 40, 4096).count()).isEqualTo(4096);
    assertThatThrownBy(() -> ScalingBench.leaves(3, 4))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("has 3");
  }

  @Test
  void shapesAreThoseOfARun() {
    StepShape shape = StepShapes.of(NETWORK, 1 << 18);
    ReductionLayout layout = ReductionLayout.of(NETWORK);
    assertThat(shape.parameters()).isEqualTo(layout.parameters());
    assertThat(shape.tail()).isEqualTo(layout.size() - layout.parameters());
    assertThat(shape.buckets()).hasSizeGreaterThan(3);
    assertThat(shape.buckets().get(0).end()).isEqualTo(layout.parameters());
    assertThat(shape.buckets()).extracting(StepShape.Bucket::readyFraction).isSorted();
    assertThat(shape.buckets().get(0).readyFraction()).isBetween(1 / 3.0, 0.7);
    assertThat(shape.buckets().get(shape.buckets().size() - 1).readyFraction()).isEqualTo(1);
  }
}
