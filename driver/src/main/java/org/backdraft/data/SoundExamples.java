package org.backdraft.data;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * A source without its examples that cannot be read: a view with ids of its own, {@code 0 …
 * examples − 1}, in the order of the whole, so that an epoch is what it would be if the source did
 * not have them.
 */
public final class SoundExamples extends SourceView {
  private static final long serialVersionUID = 1L;

  private final int[] bad; // ids of the whole, rising
  private final BadRecords leftOut;

  private SoundExamples(DataSource whole, int[] bad, BadRecords leftOut) {
    super(whole);
    this.bad = bad;
    this.leftOut = leftOut;
  }

  /**
   * @param whole whose examples are files of their own
   * @param bad by id
   * @throws DataException if no example is left
   */
  public static DataSource of(DataSource whole, List<BadExample> bad) throws DataException {
    if (bad.isEmpty()) {
      return whole;
    }
    if (bad.size() == whole.examples()) {
      throw new DataException(
          "%s must have an example that can be read: none of %d can. %s"
              .formatted(whole.uri(), bad.size(), bad.get(0).reason()));
    }
    BadRecords leftOut = whole.leftOut();
    for (BadExample each : bad) {
      leftOut = leftOut.and(whole.file(each.id()).orElseThrow(), each.reason());
    }
    return new SoundExamples(whole, bad.stream().mapToInt(BadExample::id).toArray(), leftOut);
  }

  private int wholeId(int id) {
    // The i-th bad id has bad[i] − i sound ones in front of it: those at or below id come before.
    int low = 0;
    int high = bad.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (bad[middle] - middle <= id) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return id + low;
  }

  @Override
  public int parts(int example) {
    return whole.parts(wholeId(example));
  }

  @Override
  public BadRecords leftOut() {
    return leftOut;
  }

  @Override
  public int examples() {
    return whole.examples() - bad.length;
  }

  @Override
  public BlockReader read(int begin, int end, int examplesPerBlock) {
    return new Reader(new BlockCuts(begin, end, examplesPerBlock));
  }

  /** Reads the examples of a block one by one: each is a file of its own. */
  private final class Reader implements BlockReader {
    private final BlockCuts cuts;

    Reader(BlockCuts cuts) {
      this.cuts = cuts;
    }

    @Override
    public RecordBlock next() throws IOException {
      if (!cuts.advance()) {
        return null;
      }
      int[] labels = new int[cuts.size()];
      int[] offsets = new int[cuts.size() + 1];
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      for (int i = 0; i < labels.length; i++) {
        int id = wholeId(cuts.begin() + i);
        try (BlockReader reader = whole.read(id, id + 1, 1)) {
          RecordBlock block = reader.next();
          Checks.state(block != null, "%s ended before example %d.", whole.uri(), id);
          labels[i] = block.labels()[0];
          bytes.write(block.bytes(), block.offsets()[0], block.offsets()[1] - block.offsets()[0]);
          offsets[i + 1] = bytes.size();
        }
      }
      return new RecordBlock(cuts.begin(), labels, offsets, bytes.toByteArray());
    }

    @Override
    public void close() {}
  }
}
