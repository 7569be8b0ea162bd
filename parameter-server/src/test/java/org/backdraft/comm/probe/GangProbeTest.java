package org.backdraft.comm.probe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.comm.transport.tcp.Mesh;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GangProbeTest {
  private static final Duration SHORT = Duration.ofMillis(50);
  private static final GangProbe.Load LOAD = new GangProbe.Load(new Leaves(16), 20_000, 50_000);
  private static final Adder ADDER =
      (target, targetBase, source, sourceBase, length) -> {
        for (int i = 0; i < length; i++) {
          target[targetBase + i] += source[sourceBase + i];
        }
      };

  private static ProbeResult[] run(List<Transport> transports, List<String> hosts)
      throws Exception {
    ProbeResult[] results = new ProbeResult[transports.size()];
    RankThreads.runAll(
        transports,
        transport ->
            results[transport.context().rank()] =
                new GangProbe(transport, ADDER, BlockBorders.uniform(), hosts, LOAD).run(SHORT));
    return results;
  }

  private static List<String> hosts(int worldSize) {
    List<String> hosts = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      hosts.add("host" + rank);
    }
    return hosts;
  }

  private static List<Transport> local(int worldSize) {
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    return transports;
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void allRanksTakeRankZerosChoiceAmongWhatFits(int worldSize) throws Exception {
    ProbeResult[] results = run(Mesh.connect(worldSize), hosts(worldSize));

    boolean powerOfTwo = Integer.bitCount(worldSize) == 1;
    for (ProbeResult each : results) {
      assertThat(each.chosen()).isEqualTo(results[0].chosen());
      assertThat(each.timings()).hasSize(powerOfTwo ? 4 : 2);
      assertThat(each.elements()).isEqualTo(results[0].elements()).isBetween(16, 20_000);
      assertThat(each.links()).isEqualTo(results[0].links());
      assertThat(each.adderBytesPerSecond()).isEqualTo(results[0].adderBytesPerSecond());
    }
    ProbeResult result = results[0];
    assertThat(result.chosen().isExact()).isTrue();
    assertThat(result.chosen().reasonAgainst(worldSize)).isEmpty();
    assertThat(result.reason()).contains("ms a step");
    for (ProbeResult.AlgorithmTime each : result.timings()) {
      assertThat(each.longSeconds()).isPositive();
      assertThat(each.shortSeconds()).isPositive();
    }
    assertThat(result.adderBytesPerSecond()).hasSize(worldSize).allMatch(each -> each > 1e6);
    assertThat(result.links()).hasSizeGreaterThanOrEqualTo(worldSize);
    for (ProbeResult.LinkSpeed each : result.links()) {
      assertThat(each.from()).isNotEqualTo(each.to());
      assertThat(each.bytesPerSecond()).isPositive();
      assertThat(each.messageSeconds()).isPositive();
    }
    assertThat(result.links()).contains(result.slowestLink());
  }

  @Test
  void hostsAreTriedWhereTheyShareRanks() throws Exception {
    List<String> hosts = List.of("a", "a", "b", "b");
    for (ProbeResult each : run(local(4), hosts)) {
      assertThat(each.timings())
          .extracting(ProbeResult.AlgorithmTime::algorithm)
          .containsExactly(
              AllReduceAlgorithm.HALVING_DOUBLING,
              AllReduceAlgorithm.HALVING_RING,
              AllReduceAlgorithm.DIRECT,
              AllReduceAlgorithm.DIRECT_RING,
              AllReduceAlgorithm.HIERARCHICAL);
    }
  }

  @Test
  void oneRankHasNothingToMeasure() {
    try (Transport alone = local(1).get(0)) {
      assertThatThrownBy(() -> new GangProbe(alone, ADDER, BlockBorders.uniform(), hosts(1), LOAD))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("two ranks");
    }
  }
}
