package org.backdraft.data;

import java.io.IOException;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import org.backdraft.tensor.Shape;

/**
 * A labelled set of examples with known size and shape, opened and checked on the driver, readable
 * on any executor. A value: it holds locations and headers, never the data.
 */
public interface DataSource extends Serializable {
  /** As the user wrote it: {@code idx:DIR}. */
  String uri();

  /** The logical shape of one example. */
  Shape shape();

  /** What the bytes of its records are. */
  default RecordFormat format() {
    return new ByteRecords(shape());
  }

  /**
   * The same with examples of another shape, for a source whose pictures have sizes of their own.
   *
   * @throws IllegalArgumentException if examples cannot have that shape
   */
  default DataSource sized(Shape wanted) {
    if (!wanted.equals(shape())) {
      throw new IllegalArgumentException(
          "%s has examples of %s, which data.image cannot change: got %s."
              .formatted(uri(), shape(), wanted));
    }
    return this;
  }

  /** Whether {@link #sized} takes other shapes than {@link #shape}. */
  default boolean isSizable() {
    return false;
  }

  /** The names of the classes, label 0 first. */
  List<String> classes();

  /** How many examples an evaluation makes of one: the tiles of a picture, else 1. */
  default int parts(int example) {
    return 1;
  }

  /** The set as it is evaluated: of each example all {@link #parts}. */
  default DataSource forEvaluation() {
    return Parts.of(this);
  }

  /** The file that is this example alone; empty where files hold many. */
  default Optional<String> file(int example) {
    return Optional.empty();
  }

  /**
   * About how many bytes a worker takes to decode the largest example, beside the record and the
   * batch: pictures of any size on their way to the network's. 0 where there are none.
   *
   * @throws IOException if a file that says it cannot be read
   */
  default long decodingBytes() throws IOException {
    return 0;
  }

  /** What was left out of this source since it cannot be read. */
  default BadRecords leftOut() {
    return BadRecords.NONE;
  }

  /** The number of examples. */
  int examples();

  /** Bytes of one encoded example, on average: sizes blocks. */
  int bytesPerExample();

  /** Whether reading a range costs about the range, or (a gzip stream) everything before it. */
  boolean seekable();

  /**
   * Reads examples {@code [begin, end)} in order, cut into blocks of at most {@code
   * examplesPerBlock} whose borders are multiples of it.
   *
   * <p>A reader whose range ends with the last example also checks that nothing follows it.
   *
   * @throws DataException if the data is not what its header says; names file, place, expected and
   *     found
   */
  BlockReader read(int begin, int end, int examplesPerBlock) throws IOException;
}
