package org.backdraft.comm.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CodecTest {
  private static final int[] LENGTHS = {
    1, 2, 3, 4, 5, 7, 31, 32, 33, 1000, 4095, 4096, 4097, 8192, 10_001
  };

  static Stream<Compression> all() {
    return Forms.all();
  }

  private static Codec codec(String text) {
    return Compression.parse("test", text).codec();
  }

  @Test
  void formsHaveTheDocumentedLengths() {
    assertThat(codec("fp16").encodedLength(4097)).isEqualTo(2049);
    assertThat(codec("bf16").encodedLength(4096)).isEqualTo(2048);
    assertThat(codec("int8").encodedLength(8192)).isEqualTo(2 * 1025);
    assertThat(codec("int8").encodedLength(4101)).isEqualTo(1025 + 1 + 2);
    assertThat(codec("onebit").encodedLength(8192)).isEqualTo(2 * 130);
    assertThat(codec("onebit").encodedLength(4129)).isEqualTo(130 + 2 + 2);
    assertThat(codec("topk:0.01").encodedLength(4096)).isEqualTo(2 * 41);
    assertThat(codec("topk:0.01").encodedLength(1)).isEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("all")
  void aFormStaysWithinItsLengthAndAddsWithItsSign(Compression compression) {
    Codec codec = compression.codec();
    int least = 0;
    for (int length : LENGTHS) {
      int size = codec.encodedLength(length);
      assertThat(size).isGreaterThanOrEqualTo(least);
      least = size;
      float[] values = Forms.values(length, length + 7);
      float[] original = values.clone();
      float[] encoded = new float[size + 4];
      Arrays.fill(encoded, 77);
      codec.encode(values, 3, length, encoded, 2);
      assertThat(values).as("values are only read").isEqualTo(original);
      assertThat(encoded).startsWith(77, 77).endsWith(77, 77);

      float[] decoded = Forms.decoded(codec, values, 3, length);
      float[] target = Forms.values(length + 1, length + 5);
      float[] expected = target.clone();
      codec.addDecoded(encoded, 2, target, 1, length, -1);
      for (int i = 0; i < length; i++) {
        expected[1 + i] -= decoded[i];
      }
      assertThat(target).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @MethodSource("all")
  void aValueThatIsNotFiniteIsNotHidden(Compression compression) {
    Codec codec = compression.codec();
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] values = Forms.values(5, 5000);
      values[4500] = bad;
      float[] decoded = Forms.decoded(codec, values, 0, values.length);
      assertThat(IntStream.range(0, decoded.length).anyMatch(i -> !Float.isFinite(decoded[i])))
          .isTrue();
    }
  }

  @Test
  void halvesAreTheRoundedValues() {
    for (int length : LENGTHS) {
      float[] values = Forms.values(length, length);
      float[] binary = Forms.decoded(codec("fp16"), values, 0, length);
      float[] brain = Forms.decoded(codec("bf16"), values, 0, length);
      for (int i = 0; i < length; i++) {
        assertThat(binary[i]).isEqualTo(Float16.ofBinary16(Float16.toBinary16(values[i])));
        assertThat(brain[i]).isEqualTo(Float16.ofBfloat16(Float16.toBfloat16(values[i])));
        assertThat(Math.abs(binary[i] - values[i]))
            .isLessThanOrEqualTo(Math.max(0x1p-11f * Math.abs(values[i]), 0x1p-25f));
        assertThat(Math.abs(brain[i] - values[i]))
            .isLessThanOrEqualTo(0x1p-8f * Math.abs(values[i]));
      }
    }
  }

  @Test
  void eightBitsAreWithinHalfAScaleOfTheirBlock() {
    for (int length : LENGTHS) {
      float[] values = Forms.values(length, length);
      float[] decoded = Forms.decoded(codec("int8"), values, 0, length);
      for (int block = 0; block < length; block += 4096) {
        int end = Math.min(length, block + 4096);
        float largest = 0;
        for (int i = block; i < end; i++) {
          largest = Math.max(largest, Math.abs(values[i]));
        }
        for (int i = block; i < end; i++) {
          assertThat(Math.abs(decoded[i] - values[i]))
              .isLessThanOrEqualTo(0.50005f * largest / 127);
        }
      }
    }
  }

  @Test
  void eightBitsKeepTheLevelsThemselves() {
    float[] values = new float[255];
    for (int i = 0; i < values.length; i++) {
      values[i] = 0.5f * (i - 127);
    }
    assertThat(Forms.decoded(codec("int8"), values, 0, values.length)).isEqualTo(values);
  }

  @Test
  void valuesTooSmallForAScaleAreNotSent() {
    float[] values = {1e-38f, -3e-39f, Float.MIN_VALUE};
    assertThat(Forms.decoded(codec("int8"), values, 0, 3)).containsOnly(0);
    assertThat(Forms.decoded(codec("int8"), new float[5], 0, 5)).containsOnly(0);
  }

  @Test
  void topKTakesTheLargestAndOfEqualOnesTheFirst() {
    for (int length : LENGTHS) {
      for (double fraction : new double[] {0.001, 0.1, 0.49}) {
        float[] values = Forms.values(length, length);
        for (int i = 0; i < length; i += 3) {
          values[i] = i % 2 == 0 ? 0.25f : -0.25f; // many of one magnitude
        }
        List<Integer> order =
            IntStream.range(0, length)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> -Math.abs(values[i])))
                .toList();
        float[] expected = new float[length];
        for (int each : order.subList(0, (int) Math.ceil(fraction * length))) {
          expected[each] = values[each];
        }
        assertThat(Forms.decoded(codec("topk:" + fraction), values, 0, length)).isEqualTo(expected);
      }
    }
  }

  @Test
  void topKTellsMagnitudesApartByTheirLastBit() {
    float[] values = new float[4096];
    int bits = Float.floatToRawIntBits(0.1f);
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(bits + (i * 1657) % 4096);
    }
    float[] decoded = Forms.decoded(codec("topk:0.25"), values, 0, values.length);
    for (int i = 0; i < values.length; i++) {
      boolean isLarge = Float.floatToRawIntBits(values[i]) >= bits + 3072;
      assertThat(decoded[i]).isEqualTo(isLarge ? values[i] : 0);
    }
  }

  @Test
  void topKRefusesAPlaceOutsideOfItsRange() {
    Codec codec = codec("topk:0.1");
    float[] encoded = new float[codec.encodedLength(10)];
    for (int place : new int[] {-1, 10, Integer.MAX_VALUE}) {
      encoded[0] = Float.intBitsToFloat(place);
      assertThatThrownBy(() -> codec.addDecoded(encoded, 0, new float[100], 0, 10, 1))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("[0, 10)")
          .hasMessageContaining(Integer.toString(place));
    }
  }

  @Test
  void oneBitStandsForTheMeanOfItsSign() {
    for (int length : LENGTHS) {
      float[] values = Forms.values(length, length);
      float[] decoded = Forms.decoded(codec("onebit"), values, 0, length);
      for (int block = 0; block < length; block += 4096) {
        int end = Math.min(length, block + 4096);
        for (boolean negative : new boolean[] {false, true}) {
          double sum = 0;
          int count = 0;
          for (int i = block; i < end; i++) {
            if ((values[i] < 0) == negative) {
              sum += values[i];
              count++;
            }
          }
          for (int i = block; i < end; i++) {
            if ((values[i] < 0) == negative) {
              assertThat((double) decoded[i]).isCloseTo(sum / count, within(1e-7));
            }
          }
        }
      }
    }
  }

  @Test
  void theWordsOfConfigurationComeBack() {
    assertThat(Compression.parse("k", "topk:0.01"))
        .isEqualTo(new Compression(Compression.Kind.TOP_K, 0.01));
    assertThat(Compression.parse("k", "none")).isEqualTo(Compression.NONE);
    for (String text : List.of("none", "fp16", "bf16", "int8", "topk:0.25", "onebit")) {
      assertThat(Compression.parse("k", text)).hasToString(text);
    }
    assertThat(Compression.NONE.needsFeedback()).isFalse();
    assertThatThrownBy(Compression.NONE::codec).isInstanceOf(IllegalStateException.class);
  }
}
