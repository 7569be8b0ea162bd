package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Examples of a leaf are mixed with each other, alike whoever mixes them. */
class ExampleMixerTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final Shape SHAPE = Shape.of(2, 5, 4);
  private static final ActivationLayout LAYOUT = ActivationLayout.dense(SHAPE);
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int EXAMPLES = 61;
  private static final int BATCH = 24;
  private static final Leaves LEAVES = new Leaves(4);

  /** Example i is all bytes i, of the class i. */
  private static final class FlatStore implements BlockStore {
    @Override
    public RecordBlock block(int index) {
      int[] labels = new int[EXAMPLES];
      byte[] bytes = new byte[EXAMPLES * SHAPE.elements()];
      for (int i = 0; i < EXAMPLES; i++) {
        labels[i] = i;
        Arrays.fill(bytes, i * SHAPE.elements(), (i + 1) * SHAPE.elements(), (byte) i);
      }
      return RecordBlock.ofEqualRecords(0, labels, bytes);
    }

    @Override
    public void close() {}
  }

  private record Mixed(int step, int leaf, int id, int other, float share, float[] pixels) {}

  private static Decoder decoder(Mixing mixing) {
    return new Decoder(SHAPE, new float[] {1, 1}, new float[] {0, 0}).mixed(mixing, 3);
  }

  /** All examples of an epoch in its order, each of {@code ranks} ranks taking its leaves. */
  private static List<Mixed> epoch(Mixing mixing, int epoch, int ranks, int pieces)
      throws Exception {
    int[] order = EpochOrder.of(5, epoch, EXAMPLES, true);
    List<Mixed> all = new ArrayList<>();
    for (int rank = 0; rank < ranks; rank++) {
      LeafRange range = LEAVES.rangeOf(rank, ranks);
      List<LeafRange> parts = new ArrayList<>();
      for (int leaf = range.begin(); leaf < range.end(); leaf += range.size() / pieces) {
        parts.add(new LeafRange(leaf, leaf + range.size() / pieces));
      }
      try (BatchLoader loader =
          new BatchLoader(
              new FlatStore(),
              new BlockPlan(EXAMPLES, EXAMPLES),
              decoder(mixing),
              KERNELS,
              LAYOUT,
              BATCH)) {
        loader.startEpoch(epoch, order, BATCH, LEAVES, parts, 0);
        int number = 0;
        for (Batch batch = loader.next(SOON); batch != null; batch = loader.next(SOON)) {
          LeafRange part = parts.get(number % parts.size());
          int first = LEAVES.begin(part.begin(), batch.globalSize());
          for (int i = 0; i < batch.size(); i++) {
            int leaf = part.begin();
            while (LEAVES.begin(leaf + 1, batch.globalSize()) <= first + i) {
              leaf++;
            }
            all.add(mixed(batch, i, number / parts.size(), leaf));
          }
          loader.release(batch);
          number++;
        }
      }
    }
    all.sort((a, b) -> Integer.compare(a.id(), b.id()));
    return all;
  }

  private static Mixed mixed(Batch batch, int i, int step, int leaf) {
    float[] pixels = Arrays.copyOfRange(batch.inputs(), i * LAYOUT.size(), (i + 1) * LAYOUT.size());
    assertThat(batch.labels()[i]).isEqualTo((int) batch.exampleIds()[i]);
    return new Mixed(
        step,
        leaf,
        batch.labels()[i],
        batch.isMixed() ? batch.otherLabels()[i] : batch.labels()[i],
        batch.isMixed() ? batch.shares()[i] : 1,
        pixels);
  }

  @ParameterizedTest
  @CsvSource({"0.4, 0", "0, 1", "1, 1"})
  void partnersAreOtherExamplesOfTheLeafAndEachIsOneOnce(float mixup, float cutmix)
      throws Exception {
    List<Mixed> all = epoch(new Mixing(mixup, cutmix), 1, 1, 1);
    assertThat(all).hasSize(EXAMPLES);
    Set<Integer> partners = new HashSet<>();
    for (Mixed each : all) {
      assertThat(each.other()).isNotEqualTo(each.id());
      Mixed partner = all.get(each.other());
      assertThat(List.of(partner.step(), partner.leaf()))
          .isEqualTo(List.of(each.step(), each.leaf()));
      partners.add(each.other());
    }
    assertThat(partners).hasSize(EXAMPLES);
  }

  @Test
  void mixupAddsInTheSharesOfTheLabels() throws Exception {
    double sum = 0;
    for (Mixed each : epoch(new Mixing(1, 0), 0, 1, 1)) {
      float wanted = each.share() * each.id() + (1 - each.share()) * each.other();
      for (float pixel : each.pixels()) {
        assertThat(pixel).isEqualTo(wanted);
      }
      sum += each.share();
    }
    assertThat(sum / EXAMPLES).isCloseTo(0.5, within(0.15)); // four deviations
  }

  @Test
  void cutMixPutsABoxOfThePartnerIn() throws Exception {
    int boxes = 0;
    for (Mixed each : epoch(new Mixing(0, 1), 0, 1, 1)) {
      int top = 5;
      int bottom = 0;
      int left = 4;
      int right = 0;
      int others = 0;
      for (int y = 0; y < 5; y++) {
        for (int x = 0; x < 4; x++) {
          float pixel = each.pixels()[LAYOUT.index(0, y, x)];
          assertThat(each.pixels()[LAYOUT.index(1, y, x)]).isEqualTo(pixel);
          assertThat(pixel).isIn((float) each.id(), (float) each.other());
          if (pixel == each.other()) {
            others++;
            top = Math.min(top, y);
            bottom = Math.max(bottom, y + 1);
            left = Math.min(left, x);
            right = Math.max(right, x + 1);
          }
        }
      }
      assertThat(others).isEqualTo(others == 0 ? 0 : (bottom - top) * (right - left));
      assertThat(each.share()).isEqualTo(1 - others / 20f);
      boxes += others == 0 ? 0 : 1;
    }
    assertThat(boxes).isBetween(EXAMPLES / 3, EXAMPLES);
  }

  @Test
  void withBothEachExampleIsMixedByOneOfThem() throws Exception {
    int cut = 0;
    int blended = 0;
    for (Mixed each : epoch(new Mixing(8, 8), 0, 1, 1)) {
      boolean isFlat = true;
      for (float pixel : each.pixels()) {
        isFlat &= pixel == each.pixels()[0];
      }
      boolean isBlend = isFlat && each.pixels()[0] != each.id() && each.pixels()[0] != each.other();
      blended += isBlend ? 1 : 0;
      cut += isBlend ? 0 : 1;
    }
    assertThat(cut).isGreaterThan(EXAMPLES / 5);
    assertThat(blended).isGreaterThan(EXAMPLES / 5);
  }

  @ParameterizedTest
  @CsvSource({"2, 1", "4, 1", "1, 2", "1, 4", "2, 2"})
  void ranksAndPiecesChangeNoBit(int ranks, int pieces) throws Exception {
    Mixing mixing = new Mixing(0.3f, 0.7f);
    assertThat(epoch(mixing, 2, ranks, pieces))
        .usingRecursiveComparison()
        .isEqualTo(epoch(mixing, 2, 1, 1));
  }

  @Test
  void epochsDifferAndEvaluationsAreNotMixed() throws Exception {
    Mixing mixing = new Mixing(1, 0);
    assertThat(epoch(mixing, 1, 1, 1).get(0).share())
        .isNotEqualTo(epoch(mixing, 2, 1, 1).get(0).share());
    try (BatchLoader loader =
        new BatchLoader(
            new FlatStore(),
            new BlockPlan(EXAMPLES, EXAMPLES),
            decoder(mixing),
            KERNELS,
            LAYOUT,
            BATCH)) {
      loader.startRange(0, BATCH);
      Batch batch = loader.next(SOON);
      assertThat(batch.isMixed()).isFalse();
      assertThat(batch.inputs()[LAYOUT.size()]).isEqualTo(1);
      loader.release(batch);
    }
  }

  @Test
  void whatHasNoClassIsNotMixed() {
    Decoder numbers =
        new Decoder(new ValueRecords(3, 2, null), new float[] {1, 1, 1}, new float[3]);
    assertThatThrownBy(() -> numbers.mixed(new Mixing(1, 0), 1))
        .hasMessageContaining("data.mix needs examples with one class each: these have 2 numbers");
    Decoder vectors = new Decoder(Shape.of(6), new float[] {1}, new float[] {0});
    assertThatThrownBy(() -> vectors.mixed(new Mixing(0, 1), 1))
        .hasMessageContaining("data.mix.cutmix needs images")
        .hasMessageContaining("(6)");
  }
}
