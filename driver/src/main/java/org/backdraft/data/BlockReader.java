package org.backdraft.data;

import java.io.Closeable;
import java.io.IOException;

/** A run of record blocks being read, front to back; used by one thread. */
public interface BlockReader extends Closeable {
  /**
   * The next block, or null after the last.
   *
   * @throws DataException if the data is not what its header says; names file, place, expected and
   *     found
   */
  RecordBlock next() throws IOException;
}
