package dev.rivulet.sqlite;

import dev.rivulet.db.History;
import dev.rivulet.db.Session;
import dev.rivulet.db.TimeText;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The rows of {@code litestream_history}, as history.c takes them apart: a line for each, fields
 * with tabs between them, an empty field for NULL.
 */
final class HistoryRows {
  private HistoryRows() {}

  /**
   * @param mode null for what a listing tells, {@code exact} to read the headers too
   */
  static String of(Session session, @Nullable String mode) throws IOException {
    if (mode != null && !mode.equalsIgnoreCase("exact")) {
      throw new IOException(
          "litestream_history('"
              + mode
              + "'): the first argument is NULL, or 'exact' to read the time in each header; the"
              + " second is the schema");
    }
    StringBuilder rows = new StringBuilder();
    for (History.State state : session.history(mode != null)) {
      rows.append(state.txid()).append('\t').append(state.level()).append('\t');
      rows.append(state.bytes()).append('\t').append(TimeText.of(state.uploadMillis()));
      rows.append('\t');
      Long time = state.timeMillis();
      if (time != null) {
        rows.append(TimeText.of(time));
      }
      rows.append('\n');
    }
    return rows.toString();
  }
}
