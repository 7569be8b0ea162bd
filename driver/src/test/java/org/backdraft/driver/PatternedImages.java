package org.backdraft.driver;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.data.BlockReader;
import org.backdraft.data.DataSource;
import org.backdraft.data.RecordBlock;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Shape;

/**
 * Images of 8×8 bytes whose class is a stripe, in noise: small, endless, learnable.
 *
 * @param examples how many there are
 * @param seed of the noise and the labels
 * @param decodingBytes what one of them is said to take while it is decoded
 */
public record PatternedImages(int examples, long seed, long decodingBytes) implements DataSource {
  private static final int SIDE = 8;

  /** The number of classes. */
  public static final int CLASSES = 4;

  /** Those that take nothing beside their bytes. */
  public PatternedImages(int examples, long seed) {
    this(examples, seed, 0);
  }

  @Override
  public String uri() {
    return "patterned:" + examples + ":" + seed;
  }

  @Override
  public Shape shape() {
    return Shape.of(1, SIDE, SIDE);
  }

  @Override
  public List<String> classes() {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < CLASSES; i++) {
      names.add("stripe " + i);
    }
    return names;
  }

  @Override
  public int bytesPerExample() {
    return SIDE * SIDE;
  }

  @Override
  public boolean seekable() {
    return true;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) {
    return new BlockReader() {
      private int at = begin;

      @Override
      public RecordBlock next() {
        if (at >= end) {
          return null;
        }
        int first = at;
        at = Math.min(end, (first / examplesPerBlock + 1) * examplesPerBlock);
        return block(first, at - first);
      }

      @Override
      public void close() {}
    };
  }

  private RecordBlock block(int first, int count) {
    int[] labels = new int[count];
    int[] offsets = new int[count + 1];
    byte[] bytes = new byte[count * SIDE * SIDE];
    for (int i = 0; i < count; i++) {
      long id = (long) first + i;
      labels[i] = (CounterRandom.bits(seed, id, 0) >>> 3) % CLASSES;
      offsets[i + 1] = offsets[i] + SIDE * SIDE;
      for (int p = 0; p < SIDE * SIDE; p++) {
        int noise = CounterRandom.bits(seed, id, p + 1L) >>> 26;
        boolean isStripe = p / SIDE / 2 == labels[i];
        bytes[offsets[i] + p] = (byte) (noise + (isStripe ? 150 : 0));
      }
    }
    return new RecordBlock(first, labels, offsets, bytes);
  }
}
