package dev.rivulet.cli;

import java.util.List;

/** Columns of text with two spaces between them. */
final class Table {
  private Table() {}

  /** Renders rows of equally many cells, each row with a newline. */
  static String render(List<List<String>> rows) {
    int columns = rows.isEmpty() ? 0 : rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int c = 0; c < columns; c++) {
        widths[c] = Math.max(widths[c], row.get(c).length());
      }
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int c = 0; c < columns; c++) {
        line.append(row.get(c)).repeat(" ", widths[c] + 2 - row.get(c).length());
      }
      out.append(line.toString().stripTrailing()).append('\n');
    }
    return out.toString();
  }
}
