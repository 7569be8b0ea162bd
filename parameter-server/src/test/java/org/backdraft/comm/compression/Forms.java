package org.backdraft.comm.compression;

import java.util.Random;
import java.util.stream.Stream;

/** What tests of all forms share. */
final class Forms {
  private Forms() {}

  static Stream<Compression> all() {
    return Stream.of("fp16", "bf16", "int8", "topk:0.1", "topk:0.003", "onebit")
        .map(text -> Compression.parse("test", text));
  }

  /** Values in (-1, 1) of magnitudes down to 1e-4 and below, a +0 here and there. */
  static float[] values(long seed, int length) {
    Random random = new Random(seed);
    float[] values = new float[length];
    for (int i = 0; i < length; i++) {
      float value = (2 * random.nextFloat() - 1) / (1 << random.nextInt(14));
      values[i] = random.nextInt(20) == 0 ? 0 : value;
    }
    return values;
  }

  /** What a form of {@code values[begin, begin + length)} stands for. */
  static float[] decoded(Codec codec, float[] values, int begin, int length) {
    float[] encoded = new float[codec.encodedLength(length)];
    float[] decoded = new float[length];
    codec.encode(values, begin, length, encoded, 0);
    codec.addDecoded(encoded, 0, decoded, 0, length, 1);
    return decoded;
  }
}
