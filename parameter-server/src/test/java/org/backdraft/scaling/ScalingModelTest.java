package org.backdraft.scaling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import java.util.ArrayList;
import java.util.List;
import org.assertj.core.data.Offset;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.algorithm.ExchangeCost;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.ParameterBlocks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Holds the simulator to the closed formulas of {@code docs/scaling.md}, where there is one. */
class ScalingModelTest {
  private static final double ALPHA = 50e-6;
  private static final double BETA = 0.8e-9;
  private static final double GAMMA = 0.1e-9;
  private static final CostParameters COSTS = new CostParameters(ALPHA, BETA, GAMMA);
  private static final double PASS = 0.3;
  private static final double UPDATE = 0.02;
  private static final StepCompute COMPUTE = new StepCompute(PASS, UPDATE, Jitter.NONE);
  private static final int TAIL = 9;
  private static final Offset<Double> ROUNDING = offset(1e-12);

  private static ScalingModel.Gang gang(AllReduceAlgorithm algorithm, int ranks, int perHost) {
    List<String> hosts = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      hosts.add("host-" + rank / perHost);
    }
    return new ScalingModel.Gang(algorithm, leaves(ranks), hosts);
  }

  private static Leaves leaves(int ranks) {
    return new Leaves(Integer.highestOneBit(2 * ranks - 1));
  }

  private static StepShape oneBucket(int elements) {
    return new StepShape(
        List.of(new StepShape.Bucket(0, elements, 0, 1)), BlockBorders.uniform(), elements, TAIL);
  }

  private static int levels(int ranks) {
    return Integer.numberOfTrailingZeros(ranks);
  }

  /** Of the all-reduce of what follows the gradients, by doubling. */
  private static double tail(int ranks) {
    return levels(ranks) * (ALPHA + 4 * TAIL * (BETA + GAMMA));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 16, 64})
  void halvingAndDoublingTakeTwoLatenciesALevel(int ranks) {
    int elements = ranks * ParameterBlocks.SIZE;
    double bytes = 4.0 * elements * (ranks - 1) / ranks;
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.HALVING_DOUBLING, ranks, 1),
            oneBucket(elements),
            COSTS,
            COMPUTE);
    double exchange = 2 * levels(ranks) * ALPHA + 2 * bytes * BETA + bytes * GAMMA + tail(ranks);
    assertThat(step.computeSeconds()).isCloseTo(PASS + UPDATE / ranks, ROUNDING);
    assertThat(step.stragglerSeconds()).isCloseTo(0, ROUNDING);
    assertThat(step.exchangeSeconds()).isCloseTo(exchange, ROUNDING);
    assertThat(step.peers()).isEqualTo(levels(ranks));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5, 16})
  void ringsTakeTwoLatenciesARank(int ranks) {
    int elements = ranks * ParameterBlocks.SIZE;
    double chunk = 4.0 * ParameterBlocks.SIZE;
    // A tail as long as the bucket, since one that a single rank owns would leave the others idle.
    StepShape shape =
        new StepShape(
            List.of(new StepShape.Bucket(0, elements, 0, 1)),
            BlockBorders.uniform(),
            elements,
            elements);
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.RING, ranks, 1),
            shape,
            new CostParameters(ALPHA, BETA, 0),
            new StepCompute(0, 0, Jitter.NONE));
    assertThat(step.stepSeconds()).isCloseTo(4 * (ranks - 1) * (ALPHA + chunk * BETA), ROUNDING);
    assertThat(step.peers()).isEqualTo(ranks == 2 ? 1 : 2);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 4, 16})
  void directExchangeTakesOneLatency(int ranks) {
    int elements = ranks * ParameterBlocks.SIZE;
    double bytes = 4.0 * elements * (ranks - 1) / ranks;
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.DIRECT, ranks, 1), oneBucket(elements), COSTS, COMPUTE);
    double tail = ALPHA + 4 * TAIL * (ranks - 1) * (BETA + GAMMA);
    assertThat(step.exchangeSeconds())
        .isCloseTo(2 * ALPHA + 2 * bytes * BETA + bytes * GAMMA + tail, ROUNDING);
    assertThat(step.peers()).isEqualTo(ranks - 1);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.001, 0.1, 10})
  void bucketsHideBehindThePasses(double pass) {
    int elements = 2 * ParameterBlocks.SIZE;
    StepShape shape =
        new StepShape(
            List.of(
                new StepShape.Bucket(elements, 2 * elements, 0.1, 0.5),
                new StepShape.Bucket(0, elements, 0, 1)),
            BlockBorders.uniform(),
            2 * elements,
            TAIL);
    double scatter = ALPHA + 2.0 * elements * (BETA + GAMMA);
    double gather = ALPHA + 2.0 * elements * BETA;
    double quarter = UPDATE / 4;
    double summed = Math.max(pass, pass / 2 + scatter) + scatter + tail(2);
    double updated = summed + 2 * quarter;
    double first = summed + quarter + gather;
    double second = Math.max(updated, first) + gather;
    double end = Math.max(updated, Math.max(first, second - 0.1 * pass));
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.HALVING_DOUBLING, 2, 1),
            shape,
            COSTS,
            new StepCompute(pass, UPDATE, Jitter.NONE));
    assertThat(step.stepSeconds()).isCloseTo(end, ROUNDING);
  }

  @Test
  void ranksOfAHostShareItsLink() {
    int elements = 4 * ParameterBlocks.SIZE;
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.HALVING_DOUBLING, 4, 2),
            oneBucket(elements),
            COSTS,
            new StepCompute(0, 0, Jitter.NONE));
    // Halves of the range stay on the host; then two ranks send a quarter each through one link. Of
    // the tail the rank that comes last finds its neighbour's part copied, so it goes first.
    double near = 2.0 * elements * GAMMA;
    double far = ALPHA + 2.0 * elements * BETA;
    double tail = ALPHA + 4 * TAIL * (BETA + 2 * GAMMA);
    assertThat(step.stepSeconds())
        .isCloseTo(2 * (near + far) + (2 + 1) * elements * GAMMA + tail, ROUNDING);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 8, 12})
  void bytesAreThoseOfTheExchange(int ranks) {
    int elements = ranks * ParameterBlocks.SIZE;
    AllReduceAlgorithm algorithm = AllReduceAlgorithm.defaultFor(ranks);
    StepPrediction step =
        ScalingModel.predict(gang(algorithm, ranks, 1), oneBucket(elements), COSTS, COMPUTE);
    long sent = ExchangeCost.of(algorithm, leaves(ranks), ranks, elements).sentBytes();
    assertThat(step.sentBytes()).isBetween(sent, sent + 4L * TAIL * 2 * ranks);
  }

  @Test
  void ranksWithMoreLeavesComputeLonger() {
    StepPrediction step =
        ScalingModel.predict(
            new ScalingModel.Gang(AllReduceAlgorithm.DIRECT, new Leaves(4), List.of("a", "b", "c")),
            oneBucket(ParameterBlocks.SIZE),
            COSTS,
            new StepCompute(PASS, 0, Jitter.NONE));
    assertThat(step.computeSeconds()).isCloseTo(PASS, ROUNDING);
    assertThat(step.stragglerSeconds()).isCloseTo(PASS * 0.5, ROUNDING);
  }

  @Test
  void theSlowestRankCounts() {
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.HALVING_DOUBLING, 64, 1),
            oneBucket(ParameterBlocks.SIZE),
            new CostParameters(0, 0, 0),
            new StepCompute(1, 0, new Jitter(0.03, 1)));
    assertThat(step.computeSeconds()).isCloseTo(1, offset(0.001));
    // The mean of the largest of 64 standard normal numbers is 2.34.
    assertThat(step.stragglerSeconds()).isCloseTo(0.03 * 2.34, offset(0.005));
    assertThat(step.exchangeSeconds()).isCloseTo(0, offset(1e-9));
  }

  @Test
  void aBlockIsNotCutAmongThousandsOfRanks() {
    StepPrediction step =
        ScalingModel.predict(
            gang(AllReduceAlgorithm.HALVING_DOUBLING, 4096, 1), oneBucket(1 << 20), COSTS, COMPUTE);
    // A bucket has 256 blocks, and a block is not cut: 8 of 12 levels have something to send.
    double bytes = 4.0 * (1 << 20);
    assertThat(step.exchangeSeconds())
        .isBetween(
            2 * bytes * BETA + 16 * ALPHA,
            tail(4096) + 24 * ALPHA + 2 * bytes * BETA + bytes * GAMMA);
    assertThat(step.peers()).isEqualTo(12);
  }

  @Test
  void whatIsTooLargeIsRefused() {
    assertThatThrownBy(
            () ->
                ScalingModel.predict(
                    gang(AllReduceAlgorithm.DIRECT, 4096, 1), oneBucket(1 << 24), COSTS, COMPUTE))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("direct of 4096 ranks")
        .hasMessageContaining("power of two");
  }
}
