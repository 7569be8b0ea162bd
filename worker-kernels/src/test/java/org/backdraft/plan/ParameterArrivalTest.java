package org.backdraft.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Steps that begin before all parameters are there. */
class ParameterArrivalTest {
  private static final int EXAMPLES = 9;

  private static LocalRun run(Network network, int threads) {
    return new LocalRun(network, Loss.SOFTMAX_CROSS_ENTROPY, new Leaves(4), 1, threads, EXAMPLES);
  }

  private static int[] ends(int parameters, int parts) {
    return IntStream.rangeClosed(1, parts)
        .map(part -> (int) ((long) parameters * part / parts))
        .toArray();
  }

  @ParameterizedTest
  @CsvSource({
    "everything,1,1",
    "everything,2,2",
    "everything,1,7",
    "everything,3,40",
    "gated,2,7",
    "assisted,1,7",
    "tokens,2,7",
    "volumes,1,7",
    "grouped,2,40"
  })
  void noLayerReadsParametersThatWereNotAwaited(String name, int threads, int parts) {
    Network network = SmallNetworks.named(name);
    try (LocalRun expected = run(network, threads);
        LocalRun late = run(network, threads)) {
      Replica replica = late.replica(0);
      float[] parameters = replica.parameters();
      float[] all = parameters.clone();
      int[] ends = ends(all.length, parts);
      List<Integer> awaited = new ArrayList<>();
      replica.arriveBy(
          ends,
          end -> {
            awaited.add(end);
            System.arraycopy(all, 0, parameters, 0, end);
          });
      for (int step = 0; step < 2; step++) {
        Arrays.fill(parameters, Float.NaN);
        awaited.clear();
        assertThat(late.step(EXAMPLES, 5 + step, 3, 0))
            .isEqualTo(expected.step(EXAMPLES, 5 + step, 3, 0));
        assertThat(awaited).isSorted().startsWith(ends[0]).endsWith(all.length);
        assertThat(parameters).isEqualTo(all);
      }
    }
  }

  @Test
  void partsMustAscendToAllParameters() {
    try (LocalRun run = run(SmallNetworks.everything(), 1)) {
      Replica replica = run.replica(0);
      int all = replica.parameters().length;
      for (int[] ends : new int[][] {{}, {all - 1}, {5, 5, all}, {9, 7, all}}) {
        assertThatThrownBy(() -> replica.arriveBy(ends, ParameterArrival.COMPLETE))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("up to " + all + ": got " + Arrays.toString(ends));
      }
    }
  }
}
