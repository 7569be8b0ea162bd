package org.backdraft.data;

import java.io.Serializable;

/**
 * Records {@code [firstExample, firstExample + labels.length)} of a source, encoded, as executors
 * keep them. Immutable by agreement: nobody writes the arrays after construction.
 *
 * @param firstExample id of the first record: its position in the source's own order
 * @param labels the class of each record
 * @param offsets record i is {@code bytes[offsets[i], offsets[i + 1])}
 * @param bytes the encoded records
 */
public record RecordBlock(long firstExample, int[] labels, int[] offsets, byte[] bytes)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A block of records that all have the same number of bytes. */
  public static RecordBlock ofEqualRecords(long firstExample, int[] labels, byte[] bytes) {
    int[] offsets = new int[labels.length + 1];
    int recordBytes = labels.length == 0 ? 0 : bytes.length / labels.length;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = i * recordBytes;
    }
    return new RecordBlock(firstExample, labels, offsets, bytes);
  }

  /** The number of records. */
  public int size() {
    return labels.length;
  }

  /** About how many bytes of memory the block takes. */
  public long sizeBytes() {
    return bytes.length + 4L * labels.length + 4L * offsets.length + 64;
  }
}
