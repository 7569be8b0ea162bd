package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.util.Set;
import java.util.TreeSet;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Pictures of a digit somewhere, and what and where it is. */
class PlacedDigitsTest {
  private static final int SIDE = 40;

  private static DataSource open(String options, Split split) throws IOException {
    return DataSources.open("placed-digits:" + options, split, HadoopSettings.defaults());
  }

  private static RecordBlock all(DataSource source) throws IOException {
    try (BlockReader blocks = source.read(0, source.examples(), source.examples())) {
      return blocks.next();
    }
  }

  @Test
  void numbersSayWhichDigitItIsAndWhereItsInkIs() throws IOException {
    DataSource source = open("train=120,side=40,noise=0", Split.TRAIN);
    assertThat(source.shape()).isEqualTo(Shape.of(1, SIDE, SIDE));
    assertThat(source.format().targets()).isEqualTo(3);
    assertThat(source.classes()).containsExactly("digit", "x", "y");
    RecordBlock block = all(source);
    Set<Float> digits = new TreeSet<>();
    Set<Float> places = new TreeSet<>();
    for (int e = 0; e < 120; e++) {
      int base = block.offsets()[e];
      double columns = 0;
      double rows = 0;
      int ink = 0;
      for (int pixel = 0; pixel < SIDE * SIDE; pixel++) {
        if ((block.bytes()[base + pixel] & 0xff) >= 64) {
          int row = pixel / SIDE;
          columns += pixel % SIDE + 0.5;
          rows += row + 0.5;
          ink++;
        }
      }
      int at = base + SIDE * SIDE;
      float x = ValueRecords.get(block.bytes(), at + 4);
      float y = ValueRecords.get(block.bytes(), at + 8);
      assertThat((double) x).isCloseTo(2 * columns / ink / SIDE - 1, within(1e-6));
      assertThat((double) y).isCloseTo(2 * rows / ink / SIDE - 1, within(1e-6));
      digits.add(ValueRecords.get(block.bytes(), at));
      places.add(x);
    }
    assertThat(digits).containsExactly(0f, 1f, 2f, 3f, 4f, 5f, 6f, 7f, 8f, 9f);
    assertThat(places).hasSizeGreaterThan(100);
  }

  @Test
  void splitsAndSeedsDiffer() throws IOException {
    byte[] train = all(open("train=3,val=3", Split.TRAIN)).bytes();
    assertThat(all(open("train=3,val=3", Split.TRAIN)).bytes()).isEqualTo(train);
    assertThat(all(open("train=3,val=3", Split.VALIDATION)).bytes()).isNotEqualTo(train);
    assertThat(all(open("train=3,val=3,seed=8", Split.TRAIN)).bytes()).isNotEqualTo(train);
    assertThatThrownBy(() -> open("side=13", Split.TRAIN)).hasMessageContaining("side");
  }
}
