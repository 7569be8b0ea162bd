package org.backdraft.jobs.output;

import java.util.ArrayList;
import java.util.List;

/** Columns of text, each as wide as its widest cell. Not thread-safe. */
public final class TextTable {
  private final boolean[] right;
  private final List<String[]> rows = new ArrayList<>();

  /**
   * @param header names of the columns; one that starts with {@code >} is aligned to the right
   */
  public TextTable(String... header) {
    right = new boolean[header.length];
    String[] names = new String[header.length];
    for (int i = 0; i < header.length; i++) {
      right[i] = header[i].startsWith(">");
      names[i] = right[i] ? header[i].substring(1) : header[i];
    }
    rows.add(names);
  }

  /** Adds a row with as many cells as there are columns. */
  public TextTable row(String... cells) {
    if (cells.length != right.length) {
      throw new IllegalArgumentException(
          "A row must have %d cells: got %d.".formatted(right.length, cells.length));
    }
    rows.add(cells.clone());
    return this;
  }

  /** All lines, without trailing blanks. */
  @Override
  public String toString() {
    int[] widths = new int[right.length];
    for (String[] row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    StringBuilder text = new StringBuilder();
    for (String[] row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String blanks = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : "  ").append(right[i] ? blanks + row[i] : row[i] + blanks);
      }
      text.append(line.toString().stripTrailing()).append('\n');
    }
    return text.toString();
  }
}
