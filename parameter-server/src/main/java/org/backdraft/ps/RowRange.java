package org.backdraft.ps;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * A part of a table that is rows, of which a step mostly touches a few: an embedding.
 *
 * @param begin its first element
 * @param end one past its last; a whole number of rows later
 * @param width elements of a row, at least 1
 */
public record RowRange(int begin, int end, int width) implements Serializable {
  private static final long serialVersionUID = 1L;

  public RowRange {
    Checks.argument(
        begin >= 0 && end > begin && width >= 1 && (end - begin) % width == 0,
        "Rows must fill [%d, %d): got a width of %d.",
        begin,
        end,
        width);
  }
}
