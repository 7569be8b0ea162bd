package org.backdraft.data;

import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.Serializable;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * A file as it was listed.
 *
 * @param path with its file system
 * @param bytes of it
 */
record LocatedFile(String path, int bytes) implements Serializable {
  private static final long serialVersionUID = 1L;

  /** The largest file that is one record. */
  private static final long MOST_BYTES = 256L << 20;

  /**
   * @throws DataException if the file is too large for a record
   */
  static LocatedFile of(FileStatus status) throws DataException {
    if (status.getLen() > MOST_BYTES) {
      throw new DataException(
          "%s must have at most %d bytes to be one example: it has %d."
              .formatted(status.getPath(), MOST_BYTES, status.getLen()));
    }
    return new LocatedFile(status.getPath().toString(), (int) status.getLen());
  }

  /** The last part of the path. */
  String name() {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  /** Reads all of it to {@code target[base, base + bytes)}. */
  void read(HadoopSettings settings, byte[] target, int base) throws IOException {
    Path location = new Path(path);
    FileSystem files = location.getFileSystem(settings.configuration());
    try (FSDataInputStream in = files.open(location)) {
      in.readFully(0, target, base, bytes);
    } catch (EOFException e) {
      throw new DataException(
          "%s must still have %d bytes, as when it was listed: it has fewer. Do not change data"
                  .formatted(path, bytes)
              + " while it is read.",
          e);
    } catch (FileNotFoundException e) {
      throw new DataException(
          "%s cannot be read: %s.%s"
              .formatted(
                  path,
                  e.getMessage(),
                  path.startsWith("file:")
                      ? " A file: location must be readable on every worker: copy it there, or use"
                          + " shared storage."
                      : ""),
          e);
    }
  }
}
