package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeSet;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Epoch order, block plan, decoder, normalisation, held-out parts and blocks at hand. */
class SmallPartsTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 10, 997})
  void anEpochsOrderIsAPermutationOfSeedAndEpoch(int examples) {
    int[] order = EpochOrder.of(3, 4, examples, true);
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    assertThat(sorted).isEqualTo(EpochOrder.of(3, 4, examples, false));
    assertThat(order).isEqualTo(EpochOrder.of(3, 4, examples, true));
    if (examples > 9) {
      assertThat(order).isNotEqualTo(sorted);
      assertThat(order).isNotEqualTo(EpochOrder.of(3, 5, examples, true));
      assertThat(order).isNotEqualTo(EpochOrder.of(4, 4, examples, true));
    }
  }

  @Test
  void everyPermutationOfThreeComesAboutAsOften() {
    int[] counts = new int[27];
    for (int epoch = 0; epoch < 6000; epoch++) {
      int[] order = EpochOrder.of(1, epoch, 3, true);
      counts[order[0] * 9 + order[1] * 3 + order[2]]++;
    }
    assertThat(Arrays.stream(counts).filter(count -> count > 0)).hasSize(6);
    assertThat(Arrays.stream(counts).filter(count -> count > 0).boxed())
        .allMatch(count -> count > 850 && count < 1150);
  }

  @ParameterizedTest
  @CsvSource({"1,1", "10,3", "9,3", "8,100", "2147483647,1", "2147483647,2000000000"})
  void blocksCoverTheExamples(int examples, int perBlock) {
    BlockPlan plan = new BlockPlan(examples, perBlock);
    int last = plan.blocks() - 1;
    assertThat(plan.begin(0)).isZero();
    assertThat(plan.end(last)).isEqualTo(examples);
    assertThat(plan.blockOf(examples - 1)).isEqualTo(last);
    assertThat(plan.begin(last)).isBetween(0, examples - 1);
    assertThat(plan.blockOf(plan.begin(last))).isEqualTo(last);
  }

  @Test
  void blockBytesDecideTheExamplesOfABlock() throws IOException {
    DataSource source =
        DataSources.open("digits:train=100", Split.TRAIN, HadoopSettings.defaults());
    assertThat(BlockPlan.of(source, 7840)).isEqualTo(new BlockPlan(100, 10));
    assertThat(BlockPlan.of(source, 1)).isEqualTo(new BlockPlan(100, 1));
    assertThat(BlockPlan.of(source, 1 << 30)).isEqualTo(new BlockPlan(100, 100));
    assertThatThrownBy(() -> BlockPlan.of(source, 0)).hasMessageContaining("data.block-bytes");
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,1", "1,3,5,1", "1,3,5,16", "3,2,3,3", "3,2,3,16", "5,1,1,5"})
  void decodingScalesEachChannelAndInterleaves(int channels, int height, int width, int pitch)
      throws DataException {
    Shape shape = Shape.of(channels, height, width);
    ActivationLayout layout = new ActivationLayout(shape, pitch);
    float[] scale = new float[channels];
    float[] shift = new float[channels];
    for (int c = 0; c < channels; c++) {
      scale[c] = 0.1f + c;
      shift[c] = -0.3f * c;
    }
    long seed = Long.getLong("tests.seed", 1);
    byte[] bytes = new byte[2 * shape.elements()];
    new Random(seed).nextBytes(bytes);
    RecordBlock block = RecordBlock.ofEqualRecords(0, new int[2], bytes);
    float[] target = new float[3 + layout.size()];
    new Decoder(shape, scale, shift).decode(KERNELS, block, 1, layout, target, 3);
    for (int c = 0; c < channels; c++) {
      for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
          int value = bytes[shape.elements() + (c * height + y) * width + x] & 0xff;
          assertThat(target[3 + layout.index(c, y, x)])
              .as("seed %d", seed)
              .isEqualTo(Math.fma(value, scale[c], shift[c]));
        }
      }
    }
  }

  @Test
  void aRecordOfAnotherSizeIsRefused() {
    Decoder decoder = new Decoder(Shape.of(1, 2, 2), new float[] {1}, new float[] {0});
    RecordBlock block = RecordBlock.ofEqualRecords(40, new int[2], new byte[6]);
    assertThatThrownBy(
            () ->
                decoder.decode(
                    KERNELS, block, 1, ActivationLayout.dense(decoder.shape()), new float[4], 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("Example 41 must have 4 bytes")
        .hasMessageContaining("got 3");
  }

  @Test
  void normalizationsAreThoseThatUsersKnow() throws IOException {
    Shape grey = Shape.of(1, 1, 2);
    Shape colour = Shape.of(3, 1, 1);
    Decoder unit = Normalization.parse("unit").decoder(colour, null);
    assertThat(unit.scale()).containsExactly(1 / 255f, 1 / 255f, 1 / 255f);
    assertThat(unit.shift()).containsExactly(0f, 0f, 0f);
    Decoder given = Normalization.parse("0.1307:0.3081").decoder(grey, null);
    assertThat(given.scale()[0]).isEqualTo((float) (1 / (255 * 0.3081)));
    assertThat(given.shift()[0]).isEqualTo((float) (-0.1307 / 0.3081));
    Decoder each = Normalization.parse("0.1,0.2,0.3:0.4,0.5,0.6").decoder(colour, null);
    assertThat(each.shift()[2]).isEqualTo((float) (-0.3 / 0.6));
    RecordBlock block =
        RecordBlock.ofEqualRecords(0, new int[2], new byte[] {0, 10, 7, (byte) 250, 20, 7});
    ChannelSums sums = ChannelSums.of(block, 3).plus(ChannelSums.of(block, 3));
    assertThat(sums.counts()).containsExactly(4, 4, 4);
    assertThat(sums.sums()).containsExactly(500, 60, 28);
    Decoder standard = Normalization.parse("standard").decoder(colour, () -> sums);
    assertThat(standard.scale()[0]).isEqualTo(1 / 125f);
    assertThat(standard.shift()[0]).isEqualTo(-1f);
    assertThat(standard.scale()[1]).isEqualTo(1 / 5f);
    assertThat(standard.shift()[1]).isEqualTo(-3f);
    // Without variance the mean alone is taken off.
    assertThat(standard.scale()[2]).isEqualTo(1 / 255f);
    assertThat(standard.shift()[2]).isEqualTo((float) (-7 / 255.0));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "units",
        "0.5",
        "a:b",
        ":",
        "1:",
        ":1",
        "0.5:0",
        "0.5:-1",
        "NaN:1",
        "1:2:3",
        "1,2:3",
        "Infinity:1"
      })
  void otherNormalizationsAreRefused(String text) {
    assertThatThrownBy(() -> Normalization.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("data.normalize");
  }

  @Test
  void normalizationsOfOtherChannelsAreRefused() {
    assertThatThrownBy(() -> Normalization.parse("1,2:3,4").decoder(Shape.of(3, 2, 2), null))
        .hasMessageContaining("each of the 3 channels");
  }

  @ParameterizedTest
  @CsvSource({"100,0.1,7", "101,0.1,9", "10,0.9,3", "2,0.5,1", "997,0.333,100", "50,0.02,50"})
  void aPartAndItsRestAreTheWhole(int examples, double fraction, int perBlock) throws IOException {
    DataSource whole =
        DataSources.open("digits:train=" + examples, Split.TRAIN, HadoopSettings.defaults());
    TreeSet<Integer> records = new TreeSet<>();
    int total = 0;
    for (Subset part :
        new Subset[] {Subset.training(whole, fraction), Subset.validation(whole, fraction)}) {
      int at = 0;
      try (BlockReader reader = part.read(0, part.examples(), perBlock)) {
        for (RecordBlock block = reader.next(); block != null; block = reader.next()) {
          assertThat(block.firstExample()).isEqualTo(at);
          at += block.size();
          for (int i = 0; i < block.size(); i++) {
            records.add(hash(block, i));
          }
        }
      }
      assertThat(at).isEqualTo(part.examples());
      total += at;
      // Any range gives the same records as the whole part.
      int middle = part.examples() / 2;
      try (BlockReader reader = part.read(middle, part.examples(), perBlock)) {
        assertThat(records).contains(hash(reader.next(), 0));
      }
    }
    assertThat(total).isEqualTo(examples);
    assertThat(records).hasSize(examples);
  }

  private static int hash(RecordBlock block, int i) {
    return Arrays.hashCode(
        Arrays.copyOfRange(block.bytes(), block.offsets()[i], block.offsets()[i + 1]));
  }

  @Test
  void heldOutExamplesAreSpreadOverTheWhole() {
    Strata strata = new Strata(1000, 100);
    int sameResidue = 0;
    for (int i = 0; i < 100; i++) {
      assertThat(strata.heldOutId(i)).isBetween(10 * i, 10 * i + 9);
      sameResidue += strata.heldOutId(i) % 10 == 3 ? 1 : 0;
    }
    assertThat(sameResidue).isBetween(1, 30);
    assertThatThrownBy(() -> new Strata(10, 10)).hasMessageContaining("data.validation");
    assertThatThrownBy(() -> new Strata(10, 0)).hasMessageContaining("data.validation");
  }

  @Test
  void blocksAtHandStayBelowTheirBytes() {
    RecordBlock block = RecordBlock.ofEqualRecords(0, new int[1], new byte[1000]);
    LruBlocks blocks = new LruBlocks(3 * block.sizeBytes());
    for (int i = 0; i < 3; i++) {
      blocks.put(i, block);
    }
    assertThat(blocks.get(0)).isSameAs(block);
    blocks.put(3, block);
    assertThat(blocks.get(1)).isNull();
    assertThat(blocks.get(0)).isNotNull();
    blocks.put(3, block);
    assertThat(blocks.sizeBytes()).isEqualTo(3 * block.sizeBytes());
    blocks.put(9, RecordBlock.ofEqualRecords(0, new int[1], new byte[4000]));
    assertThat(blocks.get(9)).isNull();
    assertThat(blocks.get(3)).isNotNull();
  }
}
