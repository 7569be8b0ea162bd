package org.backdraft.data;

/** Where the records of a block begin, each behind the one before. */
final class RecordOffsets {
  private final String uri;
  private final String firstFile;
  private final int[] offsets;
  private int records;

  /**
   * @param uri of the source, for messages
   * @param firstFile of the block, likewise
   * @param records of the block
   */
  RecordOffsets(String uri, String firstFile, int records) {
    this.uri = uri;
    this.firstFile = firstFile;
    offsets = new int[records + 1];
  }

  /**
   * Adds a record.
   *
   * @throws DataException if the block becomes larger than one may be
   */
  void add(long bytes) throws DataException {
    long end = offsets[records] + bytes;
    if (end > BlockPlan.MAX_BLOCK_BYTES) {
      throw new DataException(
          "%s: files from %s on are too large for one record block. Set a smaller data.block-bytes."
              .formatted(uri, firstFile));
    }
    offsets[++records] = (int) end;
  }

  /** The first byte of each record, and the end of the last; of all records that were announced. */
  int[] offsets() {
    return offsets;
  }
}
