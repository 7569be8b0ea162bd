package org.backdraft.data;

import java.util.List;

/** The cells of one line of a CSV file (RFC 4180, but without line breaks inside of quotes). */
final class CsvRow {
  private CsvRow() {}

  /**
   * Cuts a line into its cells, without spaces around them.
   *
   * @param cells emptied, then filled
   * @return whether all quotes are closed
   */
  static boolean split(String line, List<String> cells) {
    cells.clear();
    StringBuilder cell = new StringBuilder();
    boolean isQuoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"' && isQuoted && i + 1 < line.length() && line.charAt(i + 1) == '"') {
        cell.append(c);
        i++;
      } else if (c == '"') {
        isQuoted = !isQuoted;
      } else if (c == ',' && !isQuoted) {
        cells.add(cell.toString().strip());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString().strip());
    return !isQuoted;
  }

  /** The finite number that a cell is; NaN for none. */
  static float number(String cell) {
    try {
      float value = Float.parseFloat(cell);
      return Float.isFinite(value) ? value : Float.NaN;
    } catch (NumberFormatException e) {
      return Float.NaN;
    }
  }
}
