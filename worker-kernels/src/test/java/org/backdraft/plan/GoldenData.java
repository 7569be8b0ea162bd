package org.backdraft.plan;

import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;

/** Weights, images and labels by integer hashes: the formulas of golden.py. */
final class GoldenData {
  private GoldenData() {}

  private static long hash(long stream, long index) {
    long mask = 0xFFFFFFFFL;
    long z = (stream * 0x9E3779B1L + index * 0x85EBCA77L + 0x165667B1L) & mask;
    z ^= z >>> 16;
    z = (z * 0x7FEB352DL) & mask;
    z ^= z >>> 15;
    z = (z * 0x846CA68BL) & mask;
    return z ^ (z >>> 16);
  }

  /** Multiples of 2^-23 in [-1, 1). */
  static float[] signedUnit(long stream, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (hash(stream, i) >>> 8) * 0x1p-23f - 1;
    }
    return values;
  }

  static int label(long stream, int index, int classes) {
    return (int) (hash(stream, index) % classes);
  }

  static void weights(ParameterTable table, float[] values) {
    for (ParameterTable.Entry entry : table.entries()) {
      float[] units = signedUnit(entry.name(), entry.length());
      for (int i = 0; i < entry.length(); i++) {
        values[entry.begin() + i] = value(entry.spec(), units[i]);
      }
    }
  }

  /** Multiples of 2^-23 in [-1, 1); the stream is the CRC-32 of a name. */
  static float[] signedUnit(String stream, int count) {
    CRC32 crc = new CRC32();
    crc.update(stream.getBytes(StandardCharsets.UTF_8));
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (hash(crc.getValue(), i) >>> 8) * 0x1p-23f - 1;
    }
    return values;
  }

  private static float value(ParameterSpec spec, float unit) {
    return switch (spec.role()) {
      case WEIGHT, EMBEDDING -> unit / (1 << exponent(spec.fanIn()));
      case BIAS -> unit / 16;
      case SCALE -> 1 + unit / 4;
      case SHIFT -> unit / 8;
      case RUNNING_MEAN -> 0;
      case RUNNING_VARIANCE -> 1;
    };
  }

  private static int exponent(int fanIn) {
    int exponent = 0;
    while (6L << (2 * exponent) < fanIn) {
      exponent++;
    }
    return exponent;
  }

  /** Fills the batch with the examples {@code step · size} … in dense channels-last layout. */
  static void fill(Batch batch, long seed, int step, int size) {
    batch.reset(size, size);
    int channels = batch.layout().channels();
    int pixels = batch.layout().pixels();
    int labels = batch.labelsPerExample();
    for (int e = 0; e < size; e++) {
      long example = (long) step * size + e;
      for (int c = 0; c < channels; c++) {
        for (int pixel = 0; pixel < pixels; pixel++) {
          long bits = hash(1_000_003 * (seed + 1) + example, (long) c * pixels + pixel) >>> 24;
          batch.inputs()[e * batch.layout().size() + pixel * channels + c] = bits / 256f;
        }
      }
      for (int label = 0; label < labels; label++) {
        batch.labels()[e * labels + label] = label(77, (int) example * labels + label, 10);
      }
      batch.exampleIds()[e] = example;
    }
  }
}
