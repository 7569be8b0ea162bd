package org.backdraft.data;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/**
 * An IDX file of unsigned bytes whose header was checked: magic {@code 0x000008dd} (dd dims), then
 * each dim as a big-endian 32-bit integer, then the items in row-major order.
 *
 * <p>Source: the description of the format on the page of the MNIST database (LeCun, Cortes,
 * Burges).
 *
 * @param path qualified, so that every host reads the same
 * @param gzip whether the file is compressed
 * @param fileBytes its size on disk when it was opened
 * @param dims as the header gives them, the number of items first
 */
record IdxFile(String path, boolean gzip, long fileBytes, List<Integer> dims)
    implements Serializable {
  private static final long serialVersionUID = 1L;

  /** A gzip stream that promises more than this, at {@link #SUSPECT_RATIO}, is refused. */
  static final long SUSPECT_BYTES = 256L << 20;

  /** Bytes for one compressed byte that no picture of anything reaches. */
  static final int SUSPECT_RATIO = 500;

  /** The most bytes that DEFLATE can make of one: 258 of 2 bits, and a header. */
  private static final int DEFLATE_RATIO = 1032;

  private static final int UNSIGNED_BYTE = 0x08;
  private static final int GZIP_MAGIC = 0x1f8b;
  private static final int BUFFER_BYTES = 1 << 16;

  /**
   * Opens a file and checks its header, and its size where that needs no decompression.
   *
   * @param wantedDims the number of dims that the header must give
   */
  static IdxFile open(FileSystem files, FileStatus status, int wantedDims) throws IOException {
    String path = status.getPath().toString();
    boolean gzip = path.endsWith(".gz");
    List<Integer> dims;
    try (InputStream in = decompressed(path, gzip, files.open(status.getPath(), BUFFER_BYTES))) {
      dims = readHeader(path, new DataInputStream(in), wantedDims);
    } catch (FileNotFoundException e) {
      throw unreadable(path, e);
    } catch (EOFException | ZipException e) {
      throw broken(path, "the header", e);
    }
    IdxFile file = new IdxFile(path, gzip, status.getLen(), dims);
    file.checkSize();
    return file;
  }

  private static List<Integer> readHeader(String path, DataInputStream in, int wantedDims)
      throws IOException {
    int magic = in.readInt();
    if (magic != ((UNSIGNED_BYTE << 8) | wantedDims)) {
      String hint =
          magic >>> 16 == GZIP_MAGIC ? " It is compressed: give it a name that ends in .gz." : "";
      throw new DataException(
          "%s: offset 0: the magic number of IDX with unsigned bytes in %d dims is 0x%08x: found 0x%08x.%s"
              .formatted(path, wantedDims, (UNSIGNED_BYTE << 8) | wantedDims, magic, hint));
    }
    List<Integer> dims = new ArrayList<>(wantedDims);
    for (int axis = 0; axis < wantedDims; axis++) {
      int dim = in.readInt();
      if (dim <= 0) {
        throw new DataException(
            "%s: offset %d: dim %d must lie in [1, 2147483647]: found %d."
                .formatted(path, 4 + 4 * axis, axis, Integer.toUnsignedLong(dim)));
      }
      dims.add(dim);
    }
    return List.copyOf(dims);
  }

  private void checkSize() throws DataException {
    long itemBytes = 1;
    for (int dim : dims.subList(1, dims.size())) {
      // Below 2^30 times below 2^31 cannot overflow.
      itemBytes *= dim;
      if (itemBytes > BlockPlan.MAX_BLOCK_BYTES) {
        throw new DataException(
            "%s: offset 8: an item may have at most %d bytes: the dims are %s."
                .formatted(path, BlockPlan.MAX_BLOCK_BYTES, dims));
      }
    }
    long wanted = headerBytes() + itemBytes * items();
    if (!gzip && fileBytes != wanted) {
      throw new DataException(
          "%s is %s: its header promises %d bytes for the dims %s: found %d."
              .formatted(
                  path, fileBytes < wanted ? "cut off" : "too long", wanted, dims, fileBytes));
    }
    if (gzip && wanted / DEFLATE_RATIO > fileBytes) {
      throw new DataException(
          "%s is cut off: its header promises %d bytes for the dims %s, more than %d bytes of gzip can hold."
              .formatted(path, wanted, dims, fileBytes));
    }
    if (gzip && wanted > SUSPECT_BYTES && wanted / SUSPECT_RATIO > fileBytes) {
      throw new DataException(
          "%s looks like a gzip bomb: %d bytes promise %d, over %d for one. Decompress it yourself if it is none."
              .formatted(path, fileBytes, wanted, SUSPECT_RATIO));
    }
  }

  /** The number of items. */
  int items() {
    return dims.get(0);
  }

  /** Bytes of one item. */
  int itemBytes() {
    int bytes = 1;
    for (int dim : dims.subList(1, dims.size())) {
      bytes *= dim;
    }
    return bytes;
  }

  /** Bytes before the first item. */
  int headerBytes() {
    return 4 + 4 * dims.size();
  }

  /** The items from {@code first} on. */
  Items from(int first, HadoopSettings settings) throws IOException {
    Path location = new Path(path);
    try {
      FileSystem files = location.getFileSystem(settings.configuration());
      long size = files.getFileStatus(location).getLen();
      if (size != fileBytes) {
        throw new DataException(
            "%s must still have %d bytes, as when it was opened: found %d. Do not change data while it is read."
                .formatted(path, fileBytes, size));
      }
      return new Items(this, files.open(location, BUFFER_BYTES), first);
    } catch (FileNotFoundException e) {
      throw unreadable(path, e);
    }
  }

  private static DataException unreadable(String path, IOException e) {
    String hint =
        path.startsWith("file:")
            ? " A file: location must be readable on every worker: copy it there, or use shared storage."
            : "";
    return new DataException("%s cannot be read: %s.%s".formatted(path, e.getMessage(), hint), e);
  }

  private static DataException broken(String path, String place, IOException e) {
    String what =
        e instanceof EOFException
            ? "is cut off at " + place + ": more bytes must follow, found the end of the file"
            : "is damaged at " + place + ": " + e.getMessage();
    return new DataException("%s %s.".formatted(path, what), e);
  }

  private static InputStream decompressed(String path, boolean gzip, InputStream in)
      throws IOException {
    if (!gzip) {
      return in;
    }
    try {
      return new GZIPInputStream(in, BUFFER_BYTES);
    } catch (EOFException | ZipException e) {
      in.close();
      throw broken(path, "the gzip header", e);
    }
  }

  /** Items being read, front to back. */
  static final class Items implements AutoCloseable {
    private final IdxFile file;
    private final InputStream in;
    private int item;

    private Items(IdxFile file, FSDataInputStream raw, int first) throws IOException {
      this.file = file;
      item = first;
      if (!file.gzip) {
        in = raw;
        raw.seek(file.headerBytes() + (long) first * file.itemBytes());
        return;
      }
      in = decompressed(file.path, true, raw);
      try {
        in.skipNBytes(file.headerBytes() + (long) first * file.itemBytes());
      } catch (EOFException | ZipException e) {
        raw.close();
        throw broken(file.path, "or before " + place(), e);
      }
    }

    private String place() {
      return "item %d of %d".formatted(item, file.items());
    }

    /** Reads the next {@code count} items into {@code target[base, base + count · itemBytes)}. */
    void read(byte[] target, int base, int count) throws IOException {
      int length = count * file.itemBytes();
      int done = 0;
      try {
        done = in.readNBytes(target, base, length);
      } catch (EOFException | ZipException e) {
        throw broken(file.path, place(), e);
      }
      if (done < length) {
        item += done / file.itemBytes();
        throw broken(file.path, place(), new EOFException());
      }
      item += count;
    }

    /** Checks that nothing follows, and with gzip the checksum. */
    void expectEnd() throws IOException {
      try {
        if (in.read() >= 0) {
          throw new DataException(
              "%s is too long: nothing may follow its %d items of dims %s: found more bytes."
                  .formatted(file.path, file.items(), file.dims));
        }
      } catch (EOFException | ZipException e) {
        throw broken(file.path, "its end", e);
      }
    }

    @Override
    public void close() throws IOException {
      in.close();
    }
  }
}
