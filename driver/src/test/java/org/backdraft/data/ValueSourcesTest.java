package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Numbers from CSV files and generated sources. */
class ValueSourcesTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();

  private static final HadoopSettings SETTINGS = HadoopSettings.defaults();

  @TempDir Path folder;

  private static DataSource open(String uri, Split split) throws IOException {
    return DataSources.open(uri, split, SETTINGS);
  }

  private DataSource csv(String text, String options) throws IOException {
    Path file = folder.resolve("data.csv");
    Files.writeString(file, text);
    return open("csv:" + file + options, Split.TRAIN);
  }

  /** All examples of a source, read in blocks of three. */
  private static Batch batch(DataSource source, String normalize) throws IOException {
    Decoder decoder = Normalization.parse(normalize).decoder(source.format(), () -> null);
    ActivationLayout layout = ActivationLayout.dense(source.shape());
    Batch batch = decoder.newBatch(layout, source.examples());
    batch.reset(source.examples(), source.examples());
    RecordReader reader = decoder.reader(KERNELS, layout);
    int at = 0;
    try (BlockReader blocks = source.read(0, source.examples(), 3)) {
      for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
        for (int record = 0; record < block.size(); record++) {
          reader.read(block, record, RecordReader.UNCHANGED, batch, at++);
        }
      }
    }
    assertThat(at).isEqualTo(source.examples());
    return batch;
  }

  @Test
  void theLastColumnIsAClass() throws IOException {
    DataSource source =
        csv("width,height,kind\n1,2,b\r\n\n 3.5 ,-4e1,\"a, or c\"\n5,6,b\n7,8,b\n", "");
    assertThat(source.classes()).containsExactly("a, or c", "b");
    assertThat(source.examples()).isEqualTo(4);
    assertThat(source.shape()).isEqualTo(Shape.of(2));
    Batch batch = batch(source, "unit");
    assertThat(batch.labels()).containsExactly(1, 0, 1, 1);
    assertThat(batch.inputs()).containsExactly(1, 2, 3.5f, -40, 5, 6, 7, 8);
    assertThat(batch.targetsPerExample()).isZero();
  }

  @Test
  void classesThatAreNumbersAreSortedAsSuch() throws IOException {
    assertThat(csv("1,10\n1,9\n1,2\n", "").classes()).containsExactly("2", "9", "10");
  }

  @Test
  void lastColumnsCanBeTargets() throws IOException {
    DataSource source = csv("1,2,3\n4,5,6\n7,8,9\n", "?targets=2");
    assertThat(source.classes()).containsExactly("y1", "y2");
    assertThat(source.format().targets()).isEqualTo(2);
    Batch batch = batch(source, "unit");
    assertThat(batch.inputs()).containsExactly(1, 4, 7);
    assertThat(batch.targets()).containsExactly(2, 3, 5, 6, 8, 9);
    assertThat(csv("x,out\n1,2\n", "?targets=1").classes()).containsExactly("out");
  }

  @Test
  void standardGivesEachFeatureMeanZeroAndVarianceOne() throws IOException {
    Batch batch = batch(csv("1,100,5,a\n2,300,5,b\n3,200,5,a\n", ""), "standard");
    for (int feature = 0; feature < 3; feature++) {
      double sum = 0;
      double squares = 0;
      for (int i = 0; i < 3; i++) {
        double value = batch.inputs()[3 * i + feature];
        sum += value;
        squares += value * value;
      }
      assertThat(sum).isCloseTo(0, within(1e-5));
      assertThat(squares / 3).isCloseTo(feature == 2 ? 0 : 1, within(1e-5));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "''||has none",
        "'a,b\n'||has none",
        "'1\n'||line 1 must have 1 to",
        "'1,2,a\n3,b\n'||line 2 must have 3 cells: it has 2",
        "'1,2,a\nx,4,b\n'||line 2 must have a finite number in column 1: it has 'x'",
        "'1,2,a\nNaN,4,b\n'||must have a finite number in column 1",
        "'1,2,a\n1e99,4,b\n'||must have a finite number in column 1",
        "'1,2\n3,x\n'|?targets=1|line 2 must have a finite number in column 2: it has 'x'",
        "'1,2\n'|?targets=2|must have 1 to",
        "'1,\"2\n'||must close its quotes"
      })
  void whatIsNoTableIsNamedByItsLine(String text, String options, String message) {
    assertThatThrownBy(() -> csv(text, options == null ? "" : options))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.csv")
        .hasMessageContaining(message);
  }

  @Test
  void filesThatAreNoTextAndOptionsThatAreNoneAreRefused() throws IOException {
    Path file = folder.resolve("x.csv");
    Files.write(file, new byte[] {'1', ',', (byte) 0xff, '\n'});
    assertThatThrownBy(() -> open("csv:" + file, Split.TRAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("UTF-8");
    assertThatThrownBy(() -> open("csv:" + folder + "/none.csv", Split.TRAIN))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> open("csv:" + file, Split.VALIDATION))
        .hasMessageContaining("has no test split");
    assertThatThrownBy(() -> csv("1,2\n", "?target=1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Did you mean 'targets=…'?");
  }

  @Test
  void randomDamageOnlyEverRaisesOurErrors() throws IOException {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[] good =
        "a,b,c\n1,2,x\n3,4,y\n5,6,\"z\"\n".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Path file = folder.resolve("damaged.csv");
    for (int round = 0; round < 300; round++) {
      Files.write(file, DamagedBytes.of(good, 8, random));
      try {
        DataSource source = open("csv:" + file, Split.TRAIN);
        assertThat(batch(source, "unit").size()).isPositive();
      } catch (DataException e) {
        assertThat(e).hasMessageContaining("damaged.csv");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("-Dtests.seed=%d round %d".formatted(seed, round), e);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"and, 0001", "or, 0111", "xor, 0110", "first, 0101"})
  void cornersHaveTheClassOfTheirFunction(String kind, String table) throws IOException {
    DataSource source = open("points:" + kind, Split.TRAIN);
    Batch batch = batch(source, "unit");
    assertThat(batch.inputs()).containsExactly(0, 0, 1, 0, 0, 1, 1, 1);
    for (int i = 0; i < 4; i++) {
      assertThat(batch.labels()[i]).isEqualTo(table.charAt(i) - '0');
    }
    assertThat(open("points:" + kind, Split.VALIDATION).examples()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"clouds", "moons", "spirals"})
  void otherPointsAreOfTwoClassesAndTheSameEachTime(String kind) throws IOException {
    DataSource source = open("points:" + kind + ",train=200", Split.TRAIN);
    Batch batch = batch(source, "unit");
    assertThat(Arrays.stream(batch.labels()).sum()).isEqualTo(100);
    for (float value : batch.inputs()) {
      assertThat(value).isBetween(-3.5f, 3.5f);
    }
    assertThat(batch(source, "unit").inputs()).isEqualTo(batch.inputs());
    int near = 0; // the nearest other point is nearly always of the same class
    for (int i = 0; i < 200; i++) {
      int nearest = -1;
      double least = Double.MAX_VALUE;
      for (int j = 0; j < 200; j++) {
        double dx = batch.inputs()[2 * i] - batch.inputs()[2 * j];
        double dy = batch.inputs()[2 * i + 1] - batch.inputs()[2 * j + 1];
        if (i != j && dx * dx + dy * dy < least) {
          least = dx * dx + dy * dy;
          nearest = j;
        }
      }
      near += batch.labels()[nearest] == batch.labels()[i] ? 1 : 0;
    }
    assertThat(near).isGreaterThan(185);
    assertThat(batch(open("points:" + kind + ",val=200", Split.VALIDATION), "unit").inputs())
        .isNotEqualTo(batch.inputs());
  }

  @Test
  void functionsHaveTheirValues() throws IOException {
    Batch batch = batch(open("function:square,train=50", Split.TRAIN), "unit");
    for (int i = 0; i < 50; i++) {
      assertThat(batch.targets()[i])
          .isCloseTo(batch.inputs()[i] * batch.inputs()[i], within(1e-6f));
      assertThat(batch.inputs()[i]).isBetween(-1f, 1f);
    }
    assertThatThrownBy(() -> open("function:tan", Split.TRAIN)).hasMessageContaining("one of sin");
    assertThatThrownBy(() -> open("points:ring", Split.TRAIN)).hasMessageContaining("one of and");
    assertThatThrownBy(() -> open("function:sin,noise=x", Split.TRAIN))
        .hasMessageContaining("The option noise of 'function:sin,noise=x' must be a number");
  }

  /** A frame moved by the class's direction is the next frame. */
  @Test
  void digitsMoveInTheDirectionOfTheirClass() throws IOException {
    DataSource source = open("moving-digits:train=60,frames=4", Split.TRAIN);
    assertThat(source.shape()).isEqualTo(Shape.of(1, 4, 32, 32));
    assertThat(source.classes()).hasSize(8).startsWith("right", "down-right");
    Batch batch = batch(source, "unit");
    boolean[] seen = new boolean[8];
    int[] right = {1, 1, 0, -1, -1, -1, 0, 1};
    int[] down = {0, 1, 1, 1, 0, -1, -1, -1};
    for (int i = 0; i < 60; i++) {
      int direction = batch.labels()[i];
      seen[direction] = true;
      boolean isMoved = false;
      for (int speed = 1; speed <= 2; speed++) {
        boolean fits = true;
        for (int y = 0; y < 32 && fits; y++) {
          for (int x = 0; x < 32 && fits; x++) {
            int from = (y * 32 + x) + 4096 * i;
            int to =
                Math.floorMod(y + speed * down[direction], 32) * 32
                    + Math.floorMod(x + speed * right[direction], 32)
                    + 1024
                    + 4096 * i;
            fits = batch.inputs()[from] == batch.inputs()[to];
          }
        }
        isMoved |= fits;
      }
      assertThat(isMoved).as("clip %d, direction %d", i, direction).isTrue();
    }
    for (boolean each : seen) {
      assertThat(each).isTrue();
    }
  }

  @Test
  void textsAreWordsOfTheirClassAndOfOthersFilledUpWithZeros() throws IOException {
    String uri = "tokens:train=2000,words=101,length=10,classes=4,signal=0.6";
    DataSource source = open(uri, Split.TRAIN);
    assertThat(source.shape()).isEqualTo(Shape.of(10));
    assertThat(source.classes()).containsExactly("0", "1", "2", "3");
    Batch batch = batch(source, "unit");
    int words = 0;
    int own = 0;
    int[] lengths = new int[11];
    int[] counts = new int[101];
    for (int e = 0; e < 2000; e++) {
      assertThat(batch.labels()[e]).isEqualTo(e % 4);
      int length = 10;
      while (batch.inputs()[e * 10 + length - 1] == 0) {
        length--;
      }
      lengths[length]++;
      for (int i = 0; i < length; i++) {
        int word = (int) batch.inputs()[e * 10 + i];
        assertThat((float) word).isEqualTo(batch.inputs()[e * 10 + i]).isBetween(1f, 100f);
        counts[word]++;
        own += (word - 1) % 4 == e % 4 ? 1 : 0;
        words++;
      }
    }
    for (int length = 0; length <= 10; length++) {
      assertThat(lengths[length] > 0).as("length %d", length).isEqualTo(length >= 5);
    }
    // Six tenths are the class's own, and a quarter or so of the rest.
    assertThat((double) own / words).isCloseTo(0.7, within(0.05));
    assertThat(counts[1]).isGreaterThan(3 * counts[30]);
  }

  @Test
  void textsOfTheTwoSplitsDiffer() throws IOException {
    String uri = "tokens:train=40,val=40";
    assertThat(batch(open(uri, Split.TRAIN), "unit").inputs())
        .isNotEqualTo(batch(open(uri, Split.VALIDATION), "unit").inputs());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tokens:words=2|whole number in [3,",
        "tokens:words=4,classes=4|got 4 classes, and 4 words",
        "tokens:signal=2|a number in [0.0, 1.0]",
        "tokens:size=3|Options must be name=value"
      })
  void textsThatCannotBeMadeAreRefused(String uri, String message) {
    assertThatThrownBy(() -> open(uri, Split.TRAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }
}
