package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigitsSourceTest {
  private static DataSource open(String options, Split split) throws IOException {
    return DataSources.open("digits:" + options, split, HadoopSettings.defaults());
  }

  private static RecordBlock read(DataSource source, int begin, int end) throws IOException {
    try (BlockReader reader = source.read(begin, end, Integer.MAX_VALUE)) {
      return reader.next();
    }
  }

  @Test
  void thereAreTwelveThousandAndTwoThousand() throws IOException {
    assertThat(open("", Split.TRAIN).examples()).isEqualTo(12_000);
    assertThat(open("", Split.VALIDATION).examples()).isEqualTo(2_000);
    assertThat(open("train=5,val=3,seed=1", Split.TRAIN).examples()).isEqualTo(5);
    assertThat(open("train=5,val=3,seed=1", Split.VALIDATION).examples()).isEqualTo(3);
    assertThat(open("", Split.TRAIN).shape()).isEqualTo(Shape.of(1, 28, 28));
    assertThat(open("", Split.TRAIN).classes()).hasSize(10);
  }

  @Test
  void anExampleDependsOnItsIdAlone() throws IOException {
    DataSource source = open("", Split.TRAIN);
    RecordBlock all = read(source, 0, 100);
    RecordBlock some = read(open("train=100", Split.TRAIN), 37, 60);
    assertThat(some.firstExample()).isEqualTo(37);
    assertThat(some.labels()).isEqualTo(Arrays.copyOfRange(all.labels(), 37, 60));
    assertThat(some.bytes()).isEqualTo(Arrays.copyOfRange(all.bytes(), 37 * 784, 60 * 784));
  }

  @Test
  void splitsAndSeedsDiffer() throws IOException {
    byte[] train = read(open("", Split.TRAIN), 0, 20).bytes();
    assertThat(read(open("", Split.VALIDATION), 0, 20).bytes()).isNotEqualTo(train);
    assertThat(read(open("seed=8", Split.TRAIN), 0, 20).bytes()).isNotEqualTo(train);
    assertThat(read(open("seed=7", Split.TRAIN), 0, 20).bytes()).isEqualTo(train);
  }

  /** The bytes enter every golden hash: whoever changes the painter must mean to. */
  @Test
  void theBytesStayTheSame() throws IOException {
    RecordBlock block = read(open("", Split.TRAIN), 0, 500);
    assertThat(Arrays.hashCode(block.bytes())).isEqualTo(1889804785);
    assertThat(Arrays.hashCode(block.labels())).isEqualTo(-184522600);
  }

  /** Linear templates learn little, neighbours much: the set is neither noise nor trivial. */
  @Test
  void neighboursTellDigitsApart() throws IOException {
    RecordBlock train = read(open("", Split.TRAIN), 0, 4000);
    RecordBlock validation = read(open("", Split.VALIDATION), 0, 300);
    int hits = 0;
    for (int v = 0; v < validation.size(); v++) {
      long nearest = Long.MAX_VALUE;
      int label = -1;
      for (int t = 0; t < train.size(); t++) {
        long distance = 0;
        for (int i = 0; i < 784; i++) {
          int d = (validation.bytes()[v * 784 + i] & 0xff) - (train.bytes()[t * 784 + i] & 0xff);
          distance += (long) d * d;
        }
        if (distance < nearest) {
          nearest = distance;
          label = train.labels()[t];
        }
      }
      hits += label == validation.labels()[v] ? 1 : 0;
    }
    assertThat(hits / 300.0).isBetween(0.82, 0.98);
  }

  @Test
  void everyDigitComesAboutAsOften() throws IOException {
    int[] counts = new int[10];
    for (int label : read(open("", Split.TRAIN), 0, 5000).labels()) {
      counts[label]++;
    }
    assertThat(Arrays.stream(counts).boxed()).allMatch(count -> count > 400 && count < 600);
  }

  @Test
  void someDigitsAreClassesOfTheirOwn() throws IOException {
    DataSource source = open("only=97,train=400", Split.TRAIN);
    assertThat(source.classes()).containsExactly("9", "7");
    int[] labels = read(source, 0, 400).labels();
    assertThat(Arrays.stream(labels).sum()).as("sevens").isBetween(150, 250);
    RecordBlock all = read(open("only=0123456789", Split.TRAIN), 0, 500);
    assertThat(Arrays.hashCode(all.bytes())).isEqualTo(1889804785);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "only=",
        "only=77",
        "only=7-9",
        "only",
        "train",
        "train=",
        "train=x",
        "trains=3",
        "train=0",
        "val=-1",
        "train=1,"
      })
  void wrongOptionsAreRefused(String options) {
    assertThatThrownBy(() -> open(options, Split.TRAIN))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("digits:");
  }
}
