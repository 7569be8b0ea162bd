package org.backdraft.comm.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.ElementRange;
import org.backdraft.comm.RankThreads;
import org.backdraft.comm.algorithm.ExactAllReduce;
import org.backdraft.comm.transport.Transport;
import org.backdraft.comm.transport.local.LocalGang;
import org.backdraft.leaf.Leaves;
import org.backdraft.tensor.ParameterBlocks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CompressedCollectivesTest {
  private static final int BLOCK = ParameterBlocks.SIZE;
  private static final Leaves LEAVES = new Leaves(16);
  private static final int GRADIENTS = 7 * BLOCK + 123;
  private static final int TAIL = 9;
  private static final int SEGMENT = 4 * BLOCK;

  static Stream<Compression> all() {
    return Forms.all();
  }

  private static List<Transport> gang(int worldSize) {
    LocalGang gang = new LocalGang(worldSize, 0, Duration.ofSeconds(30));
    List<Transport> transports = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      transports.add(gang.join(rank));
    }
    return transports;
  }

  private static CompressedCollectives compressed(Transport transport, Compression compression) {
    return new CompressedCollectives(
        transport,
        ErrorFeedbackTest.ADDER,
        new ExactAllReduce(transport, ErrorFeedbackTest.ADDER),
        compression.codec(),
        GRADIENTS,
        SEGMENT);
  }

  /** What a rank has at a step: one array for each of its subtrees. */
  private static float[][] sums(int rank, int worldSize, int step) {
    int subtrees = LEAVES.rangeOf(rank, worldSize).subtrees().size();
    float[][] sums = new float[subtrees][];
    for (int i = 0; i < subtrees; i++) {
      sums[i] = Forms.values(1000L * step + 100L * rank + i, GRADIENTS + TAIL);
    }
    return sums;
  }

  private static float[] folded(int rank, int worldSize, int step) {
    float[][] sums = sums(rank, worldSize, step);
    for (int i = 1; i < sums.length; i++) {
      ErrorFeedbackTest.ADDER.add(sums[0], 0, sums[i], 0, sums[0].length);
    }
    return sums[0];
  }

  /** The sum over all ranks by the definition, for the chunks and pieces that a range has. */
  private static float[] expected(Compression compression, float[][] ranks, int begin, int end) {
    int worldSize = ranks.length;
    Collectives owners =
        new ExactAllReduce(gang(worldSize).get(0), ErrorFeedbackTest.ADDER); // not to be called
    int piece = Math.max(1, SEGMENT / BLOCK / worldSize) * BLOCK;
    float[] total = new float[end];
    for (int owner = 0; owner < worldSize; owner++) {
      ElementRange chunk = owners.owned(owner, begin, end);
      int last = Math.min(GRADIENTS, chunk.end());
      for (int at = Math.min(GRADIENTS, chunk.begin()); at < last; at += piece) {
        int length = Math.min(piece, last - at);
        float[] sum = new float[length];
        for (int rank = 0; rank < worldSize; rank++) {
          float[] values = Arrays.copyOfRange(ranks[rank], at, at + length);
          float[] brought =
              rank == owner ? values : Forms.decoded(compression.codec(), values, 0, length);
          ErrorFeedbackTest.ADDER.add(sum, 0, brought, 0, length);
        }
        System.arraycopy(sum, 0, total, at, length);
      }
    }
    return total;
  }

  @ParameterizedTest
  @MethodSource("all")
  void ownersAddWhatWasDecodedInTheOrderOfRanks(Compression compression) throws Exception {
    for (int worldSize = 2; worldSize <= 5; worldSize++) {
      int size = worldSize;
      float[][] ranks = new float[size][];
      for (int rank = 0; rank < size; rank++) {
        ranks[rank] = folded(rank, size, 0);
      }
      for (int[] range :
          new int[][] {
            {0, GRADIENTS + TAIL}, {0, GRADIENTS}, {BLOCK, 4 * BLOCK}, {6 * BLOCK, GRADIENTS + 3}
          }) {
        float[] expected = expected(compression, ranks, range[0], range[1]);
        RankThreads.runAll(
            gang(size),
            transport -> {
              int rank = transport.context().rank();
              CompressedCollectives collectives = compressed(transport, compression);
              float[][] sums = sums(rank, size, 0);
              collectives.startStep(8);
              collectives.reduceScatter(LEAVES, sums, range[0], range[1], 0);
              ElementRange owned = collectives.owned(rank, range[0], range[1]);
              int begin = Math.min(GRADIENTS, owned.begin());
              int end = Math.min(GRADIENTS, owned.end());
              assertThat(Arrays.copyOfRange(sums[0], begin, end))
                  .isEqualTo(Arrays.copyOfRange(expected, begin, end));
            });
      }
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void allRanksGetTheSameBitsAndAnExactTail(Compression compression) throws Exception {
    for (int worldSize = 1; worldSize <= 5; worldSize++) {
      int size = worldSize;
      int length = GRADIENTS + TAIL;
      float[][] results = new float[size][];
      float[][] exact = new float[size][];
      RankThreads.runAll(
          gang(size),
          transport -> {
            int rank = transport.context().rank();
            float[][] sums = sums(rank, size, 0);
            compressed(transport, compression).allReduce(LEAVES, sums, 0, length, 0);
            results[rank] = sums[0];
            float[][] again = sums(rank, size, 0);
            new ExactAllReduce(transport, ErrorFeedbackTest.ADDER)
                .allReduce(LEAVES, again, 0, length, 0);
            exact[rank] = again[0];
          });
      for (float[] each : results) {
        assertThat(each).isEqualTo(results[0]);
      }
      int exactFrom = size == 1 ? 0 : GRADIENTS;
      assertThat(Arrays.copyOfRange(results[0], exactFrom, length))
          .isEqualTo(Arrays.copyOfRange(exact[0], exactFrom, length));
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void whatIsMissingFromTheSumsIsOwed(Compression compression) throws Exception {
    int size = 3;
    int steps = 8;
    double[] wanted = new double[GRADIENTS];
    double[] got = new double[GRADIENTS];
    float[][] owed = new float[size][];
    for (int step = 0; step < steps; step++) {
      for (int rank = 0; rank < size; rank++) {
        float[] values = folded(rank, size, step);
        for (int i = 0; i < GRADIENTS; i++) {
          wanted[i] += values[i];
        }
      }
    }
    RankThreads.runAll(
        gang(size),
        transport -> {
          int rank = transport.context().rank();
          CompressedCollectives collectives = compressed(transport, compression);
          for (int step = 0; step < steps; step++) {
            float[][] sums = sums(rank, size, step);
            collectives.startStep(8);
            collectives.allReduce(LEAVES, sums, 0, GRADIENTS, step);
            for (int i = 0; i < GRADIENTS && rank == 0; i++) {
              got[i] += sums[0][i];
            }
          }
          owed[rank] = collectives.residuals();
        });
    double error = 0;
    for (int i = 0; i < GRADIENTS; i++) {
      double sum = got[i];
      for (float[] each : owed) {
        sum += each.length == 0 ? 0 : each[i];
      }
      error = Math.max(error, Math.abs(sum - wanted[i]));
    }
    boolean rounds = !compression.needsFeedback();
    assertThat(error).isLessThan(rounds ? 0.2 : 1e-4);
    assertThat(owed[0].length).isEqualTo(rounds ? 0 : GRADIENTS);
  }

  @Test
  void aShorterBatchIsOwedLess() throws Exception {
    RankThreads.runAll(
        gang(2),
        transport -> {
          CompressedCollectives collectives =
              compressed(transport, Compression.parse("test", "topk:0.01"));
          collectives.startStep(64);
          int rank = transport.context().rank();
          collectives.reduceScatter(LEAVES, sums(rank, 2, 0), 0, GRADIENTS, 0);
          float[] before = collectives.residuals().clone();
          collectives.startStep(16);
          float[] quarter = before.clone();
          for (int i = 0; i < GRADIENTS; i++) {
            quarter[i] /= 4;
          }
          assertThat(collectives.residuals()).isEqualTo(quarter);
          collectives.startStep(64);
          assertThat(collectives.residuals()).isEqualTo(before);
          assertThat(collectives.examples()).isEqualTo(64);
        });
  }

  @Test
  void fewerFloatsGoOverTheWire() throws Exception {
    assertThat(sentShare("fp16")).isEqualTo(0.5);
    assertThat(sentShare("bf16")).isEqualTo(0.5);
    assertThat(sentShare("int8")).isEqualTo(0.25 + 1.0 / BLOCK);
    assertThat(sentShare("topk:0.01")).isBetween(0.02, 0.0201);
    assertThat(sentShare("onebit")).isEqualTo(1.0 / 32 + 2.0 / BLOCK);
  }

  /** What each of 4 ranks sends in a reduce-scatter of equal chunks, over (N−1)/N of the floats. */
  private static double sentShare(String form) throws Exception {
    int size = 4;
    int length = 8 * BLOCK;
    double[] shares = new double[size];
    RankThreads.runAll(
        gang(size),
        transport -> {
          SentFloats counting = new SentFloats(transport);
          CompressedCollectives collectives =
              new CompressedCollectives(
                  counting,
                  ErrorFeedbackTest.ADDER,
                  new ExactAllReduce(counting, ErrorFeedbackTest.ADDER),
                  Compression.parse("test", form).codec(),
                  length);
          float[][] sums = new float[1][length];
          collectives.reduceScatter(LEAVES, sums, 0, length, 0);
          shares[transport.context().rank()] = counting.floats() / (length * (size - 1.0) / size);
        });
    assertThat(shares).containsOnly(shares[0]);
    return shares[0];
  }

  @Test
  void aFormThatCannotBeDecodedNamesItsSender() throws Exception {
    List<Throwable> thrown =
        RankThreads.run(
            gang(2),
            transport -> {
              int length = 2 * BLOCK;
              if (transport.context().rank() == 1) {
                float[] form = new float[2 * 5];
                Arrays.fill(form, Float.intBitsToFloat(BLOCK));
                transport.send(0, 0, form, 0, form.length);
                transport.receive(0, 0, new float[form.length], 0, form.length);
                transport.await("a form that is none");
                return;
              }
              compressed(transport, Compression.parse("test", "topk:0.001"))
                  .reduceScatter(LEAVES, new float[1][length], 0, length, 0);
            });
    assertThat(thrown.get(0))
        .isInstanceOf(CollectiveException.WireFormat.class)
        .hasMessageContaining("rank 1")
        .hasMessageContaining("4096");
  }

  @Test
  void aRangeOutsideOfItsArraysIsRefused() throws Exception {
    RankThreads.runAll(
        gang(2),
        transport -> {
          CompressedCollectives collectives =
              compressed(transport, Compression.parse("test", "int8"));
          assertThatThrownBy(() -> collectives.reduceScatter(LEAVES, new float[1][10], 0, 11, 0))
              .isInstanceOf(IllegalArgumentException.class)
              .hasMessageContaining("[0, 11)");
          assertThatThrownBy(() -> collectives.startStep(0))
              .isInstanceOf(IllegalArgumentException.class);
        });
  }
}
