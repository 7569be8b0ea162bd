package org.backdraft.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A set as evaluations see it: examples that are evaluated in several parts, such as the tiles of a
 * picture, become several examples, in the order of the whole.
 */
final class Parts extends SourceView {
  private static final long serialVersionUID = 1L;

  /** The first part of each example of the whole, and behind the last one the number of parts. */
  private final int[] firsts;

  private Parts(DataSource whole, int[] firsts) {
    super(whole);
    this.firsts = firsts;
  }

  /** The set itself where each example is one part. */
  static DataSource of(DataSource whole) {
    int[] firsts = new int[whole.examples() + 1];
    for (int id = 0; id < whole.examples(); id++) {
      firsts[id + 1] = Math.addExact(firsts[id], whole.parts(id));
    }
    return firsts[whole.examples()] == whole.examples() ? whole : new Parts(whole, firsts);
  }

  /** The example of the whole that a part belongs to. */
  private int exampleOf(int part) {
    int at = Arrays.binarySearch(firsts, part);
    return at >= 0 ? at : -at - 2;
  }

  @Override
  public int examples() {
    return firsts[firsts.length - 1];
  }

  @Override
  public int bytesPerExample() {
    return (int) ((long) whole.bytesPerExample() * whole.examples() / examples()) + 1;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) throws IOException {
    BlockCuts cuts = new BlockCuts(begin, end, examplesPerBlock);
    int last = begin == end ? 0 : end == examples() ? whole.examples() : exampleOf(end - 1) + 1;
    return new Reader(whole.read(begin == end ? 0 : exampleOf(begin), last, 1), cuts);
  }

  private final class Reader implements BlockReader {
    private final BlockReader reader;
    private final BlockCuts cuts;
    private RecordBlock block;

    Reader(BlockReader reader, BlockCuts cuts) {
      this.reader = reader;
      this.cuts = cuts;
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      List<byte[]> parts = new ArrayList<>();
      int[] labels = new int[cuts.size()];
      int[] offsets = new int[cuts.size() + 1];
      for (int i = 0; i < cuts.size(); i++) {
        int example = exampleOf(cuts.begin() + i);
        while (block == null || example >= block.firstExample() + block.size()) {
          block = reader.next();
          if (block == null) {
            throw new DataException("%s ended before example %d.".formatted(whole.uri(), example));
          }
        }
        int record = (int) (example - block.firstExample());
        byte[] part = format().part(block, record, cuts.begin() + i - firsts[example]);
        parts.add(part);
        labels[i] = block.labels()[record];
        offsets[i + 1] = Math.addExact(offsets[i], part.length);
      }
      byte[] bytes = new byte[offsets[cuts.size()]];
      for (int i = 0; i < parts.size(); i++) {
        System.arraycopy(parts.get(i), 0, bytes, offsets[i], parts.get(i).length);
      }
      return new RecordBlock(cuts.begin(), labels, offsets, bytes);
    }

    @Override
    public void close() throws IOException {
      reader.close();
    }
  }
}
