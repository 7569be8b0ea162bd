package org.backdraft.data;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Shape;

/** A source whose examples are made where they are needed, each from its id alone; no files. */
final class GeneratedSource implements DataSource {
  private static final long serialVersionUID = 1L;

  /** Makes examples; a value. */
  interface Maker extends Serializable {
    /** Prepares for making examples on one thread. */
    Writer writer();

    /** Bytes of each example. */
    int bytes();
  }

  /** Writes examples on one thread. */
  interface Writer {
    /** Writes example {@code id} to {@code target[base, base + bytes)} and returns its label. */
    int write(long id, byte[] target, int base);
  }

  private final String uri;
  private final RecordFormat format;
  private final ArrayList<String> classes;
  private final int examples;
  private final Maker maker;

  GeneratedSource(
      String uri, RecordFormat format, List<String> classes, long examples, Maker maker) {
    this.uri = uri;
    this.format = format;
    this.classes = new ArrayList<>(classes);
    this.examples = (int) examples;
    this.maker = maker;
  }

  /** The key of a source's random numbers: of training and validation two streams. */
  static long key(long seed, Split split, long operation) {
    return CounterRandom.key(seed, split == Split.TRAIN ? 0 : 1, operation);
  }

  @Override
  public String uri() {
    return uri;
  }

  @Override
  public Shape shape() {
    return format.shape();
  }

  @Override
  public RecordFormat format() {
    return format;
  }

  @Override
  public List<String> classes() {
    return List.copyOf(classes);
  }

  @Override
  public int examples() {
    return examples;
  }

  @Override
  public int bytesPerExample() {
    return maker.bytes();
  }

  @Override
  public boolean seekable() {
    return true;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) {
    BlockCuts cuts = new BlockCuts(begin, end, examplesPerBlock);
    Writer writer = maker.writer();
    return new BlockReader() {
      @Override
      public RecordBlock next() {
        if (!cuts.advance()) {
          return null;
        }
        int[] labels = new int[cuts.size()];
        byte[] bytes = new byte[Math.multiplyExact(cuts.size(), maker.bytes())];
        for (int i = 0; i < labels.length; i++) {
          labels[i] = writer.write(cuts.begin() + i, bytes, i * maker.bytes());
        }
        return RecordBlock.ofEqualRecords(cuts.begin(), labels, bytes);
      }

      @Override
      public void close() {}
    };
  }
}
