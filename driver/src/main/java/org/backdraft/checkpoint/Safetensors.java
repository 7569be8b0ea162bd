package org.backdraft.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/**
 * Reads and writes the safetensors format: eight bytes of header length, little-endian; a JSON
 * header; the tensors' bytes, little-endian and row-major, without a hole.
 *
 * <p>Source: the README and reference reader of huggingface/safetensors. Stricter than the reader
 * in two points, as the README is: the header begins with <code>{</code>, and no key comes twice. A
 * tensor's description may hold nothing but dtype, shape and data_offsets.
 *
 * <p>Sizes are checked against the file's before memory is taken. The format has no checksum.
 */
public final class Safetensors {
  /** The longest header that is read, as in the reference reader. */
  public static final int MOST_HEADER_BYTES = 100_000_000;

  private static final String FLOAT = "F32";
  private static final int LENGTH_BYTES = 8;
  private static final int ALIGNMENT = 8;
  private static final int BUFFER_BYTES = 1 << 16;

  private Safetensors() {}

  /**
   * Reads a file of any file system of Hadoop.
   *
   * @throws ModelFileException if it is missing or no safetensors file
   */
  public static TensorFile read(FileSystem files, Path path) throws IOException {
    try {
      FileStatus status = files.getFileStatus(path);
      if (status.isDirectory()) {
        throw new ModelFileException("%s must be a file: it is a folder.".formatted(path));
      }
      try (InputStream in = files.open(path)) {
        return read(in, status.getLen(), path.toString());
      }
    } catch (FileNotFoundException e) {
      throw new ModelFileException("%s cannot be read: %s".formatted(path, e.getMessage()), e);
    }
  }

  /**
   * Reads a stream to its end.
   *
   * @param sizeBytes of the whole stream
   * @param origin what it is, for messages
   * @throws ModelFileException if it is no safetensors file
   */
  public static TensorFile read(InputStream stream, long sizeBytes, String origin)
      throws IOException {
    InputStream in = new BufferedInputStream(stream, BUFFER_BYTES);
    try {
      return readTensors(in, readHeader(in, sizeBytes, origin), origin);
    } catch (EOFException e) {
      throw endedEarly(sizeBytes, origin, e);
    }
  }

  /** Checks the form of a stream, whose values it skips. */
  static void check(InputStream stream, long sizeBytes, String origin) throws IOException {
    InputStream in = new BufferedInputStream(stream, BUFFER_BYTES);
    try {
      for (SafetensorsHeader.Entry entry : readHeader(in, sizeBytes, origin).entries()) {
        in.skipNBytes(entry.end() - entry.begin());
      }
    } catch (EOFException e) {
      throw endedEarly(sizeBytes, origin, e);
    }
  }

  private static ModelFileException endedEarly(long sizeBytes, String origin, EOFException e) {
    return new ModelFileException(
        "%s must have %d bytes: it ended before.".formatted(origin, sizeBytes), e);
  }

  private static SafetensorsHeader readHeader(InputStream in, long sizeBytes, String origin)
      throws IOException {
    if (sizeBytes < LENGTH_BYTES) {
      throw new ModelFileException(
          "%s: header length missing: a safetensors file has at least %d bytes, found %d."
              .formatted(origin, LENGTH_BYTES, sizeBytes));
    }
    long headerBytes = littleEndian(exactly(in, LENGTH_BYTES)).getLong();
    if (headerBytes < 0 || headerBytes > MOST_HEADER_BYTES) {
      throw new ModelFileException(
          "%s: offset 0: the header may have at most %d bytes: found %s."
              .formatted(origin, MOST_HEADER_BYTES, Long.toUnsignedString(headerBytes)));
    }
    long dataBytes = sizeBytes - LENGTH_BYTES - headerBytes;
    if (dataBytes < 0) {
      throw new ModelFileException(
          "%s: offset 0: a header of %d bytes does not fit in a file of %d. It is cut off, or no safetensors file."
              .formatted(origin, headerBytes, sizeBytes));
    }
    return SafetensorsHeader.parse(exactly(in, (int) headerBytes), dataBytes, origin);
  }

  private static TensorFile readTensors(InputStream in, SafetensorsHeader header, String origin)
      throws IOException {
    Map<String, NamedTensor> tensors = new LinkedHashMap<>();
    List<TensorFile.Other> others = new ArrayList<>();
    byte[] buffer = new byte[BUFFER_BYTES];
    for (SafetensorsHeader.Entry entry : header.entries()) {
      if (entry.type().equals(FLOAT) && entry.end() > entry.begin()) {
        Shape shape = shape(entry, origin);
        float[] values = new float[shape.elements()];
        readValues(in, values, buffer);
        tensors.put(entry.name(), new NamedTensor(entry.name(), shape, values));
      } else {
        others.add(new TensorFile.Other(entry.name(), entry.type(), entry.shape()));
        in.skipNBytes(entry.end() - entry.begin());
      }
    }
    if (in.read() >= 0) {
      throw new ModelFileException("%s grew while it was read.".formatted(origin));
    }
    return new TensorFile(origin, tensors, others, header.metadata());
  }

  private static Shape shape(SafetensorsHeader.Entry entry, String origin)
      throws ModelFileException {
    long elements = (entry.end() - entry.begin()) / Float.BYTES;
    if (elements > Integer.MAX_VALUE - 8) {
      throw new ModelFileException(
          "%s: tensor '%s' has %d elements: at most 2^31 - 9 can be read."
              .formatted(origin, entry.name(), elements));
    }
    int[] dims = new int[entry.shape().size()];
    for (int axis = 0; axis < dims.length; axis++) {
      dims[axis] = Math.toIntExact(entry.shape().get(axis));
    }
    return Shape.of(dims);
  }

  private static void readValues(InputStream in, float[] values, byte[] buffer) throws IOException {
    int perBuffer = buffer.length / Float.BYTES;
    for (int at = 0; at < values.length; at += perBuffer) {
      int count = Math.min(perBuffer, values.length - at);
      if (in.readNBytes(buffer, 0, count * Float.BYTES) < count * Float.BYTES) {
        throw new EOFException();
      }
      littleEndian(buffer).asFloatBuffer().get(values, at, count);
    }
  }

  private static byte[] exactly(InputStream in, int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException();
    }
    return bytes;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Writes a file beside its final name, then renames it, so that no reader sees a half one.
   *
   * @see #write(OutputStream, Collection, Map)
   */
  public static void write(
      FileSystem files, Path path, Collection<NamedTensor> tensors, Map<String, String> metadata)
      throws IOException {
    Path unfinished = new Path(path.getParent(), "." + path.getName() + ".unfinished");
    try (OutputStream out = files.create(unfinished, true)) {
      write(out, tensors, metadata);
    }
    files.delete(path, false);
    if (!files.rename(unfinished, path)) {
      throw new ModelFileException(
          "%s could not be renamed to %s. Look at the folder's permissions."
              .formatted(unfinished, path));
    }
  }

  /**
   * Writes tensors in order of their names: the same tensors and words give the same bytes,
   * whatever their order. The header is padded with spaces to a multiple of eight bytes.
   *
   * @param metadata words for {@code __metadata__}; may be empty
   * @throws IllegalArgumentException if a name comes twice, or names and metadata are too long for
   *     a header that can be read
   */
  public static void write(
      OutputStream out, Collection<NamedTensor> tensors, Map<String, String> metadata)
      throws IOException {
    TreeMap<String, NamedTensor> sorted = new TreeMap<>();
    for (NamedTensor tensor : tensors) {
      Checks.argument(
          !tensor.name().equals(SafetensorsHeader.METADATA)
              && sorted.put(tensor.name(), tensor) == null,
          "Every tensor must have its own name, and not __metadata__: got '%s' twice or so named.",
          tensor.name());
    }
    byte[] header = header(sorted, metadata);
    Checks.argument(
        header.length <= MOST_HEADER_BYTES - ALIGNMENT,
        "The header of %d tensors must have at most %d bytes, or nobody reads it: it has %d.",
        sorted.size(),
        MOST_HEADER_BYTES - ALIGNMENT,
        header.length);
    int padding = (ALIGNMENT - header.length % ALIGNMENT) % ALIGNMENT;
    byte[] length = new byte[LENGTH_BYTES];
    littleEndian(length).putLong(header.length + (long) padding);
    out.write(length);
    out.write(header);
    out.write(" ".repeat(padding).getBytes(StandardCharsets.UTF_8));
    byte[] buffer = new byte[BUFFER_BYTES];
    for (NamedTensor tensor : sorted.values()) {
      writeValues(out, tensor.values(), buffer);
    }
  }

  private static byte[] header(Map<String, NamedTensor> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = new JsonFactory().createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> word : new TreeMap<>(metadata).entrySet()) {
          json.writeStringField(word.getKey(), word.getValue());
        }
        json.writeEndObject();
      }
      long begin = 0;
      for (NamedTensor tensor : tensors.values()) {
        long end = begin + (long) Float.BYTES * tensor.values().length;
        json.writeObjectFieldStart(tensor.name());
        json.writeStringField("dtype", FLOAT);
        json.writeArrayFieldStart("shape");
        for (int dim : tensor.shape().toArray()) {
          json.writeNumber(dim);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(begin);
        json.writeNumber(end);
        json.writeEndArray();
        json.writeEndObject();
        begin = end;
      }
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeValues(OutputStream out, float[] values, byte[] buffer)
      throws IOException {
    int perBuffer = buffer.length / Float.BYTES;
    for (int at = 0; at < values.length; at += perBuffer) {
      int count = Math.min(perBuffer, values.length - at);
      littleEndian(buffer).asFloatBuffer().put(values, at, count);
      out.write(buffer, 0, count * Float.BYTES);
    }
  }
}
