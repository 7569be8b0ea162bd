package org.backdraft.data;

/**
 * Records {@code [firstExample, firstExample + labels.length)} of a source, encoded, as executors
 * keep them. Immutable by agreement: nobody writes the arrays after construction.
 *
 * @param firstExample id of the first record: its position in the source's own order
 * @param labels the class of each record
 * @param offsets record i is {@code bytes[offsets[i], offsets[i + 1])}
 * @param bytes the encoded records
 */
public record RecordBlock(long firstExample, int[] labels, int[] offsets, byte[] bytes) {
  /** The number of records. */
  public int size() {
    return labels.length;
  }
}
