package dev.rivulet.cli;

import dev.rivulet.db.History;
import dev.rivulet.db.OpenReplica;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code rivulet history}. */
final class HistoryCommand {
  private static final String EXACT = "--exact";
  private static final String JSON = "--json";

  static final Command COMMAND =
      new Command(
          "history",
          List.of("URL"),
          "list the states of a replica that can be restored or travelled to",
          """
          Lists every state that can be had, from the oldest to the newest: its TXID, the
          level, bytes and upload time (by the store's clock) of the file that ends there.
          With --exact also the time in that file's header, which decides what a state is
          "before" for --timestamp and litestream_time; it is one small request a state.
          """,
          List.of(
              new Option(EXACT, "", "read the times in all headers"),
              new Option(JSON, "", "print one JSON object, for programs")),
          HistoryCommand::run);

  private HistoryCommand() {}

  private static int run(Arguments arguments, Console console) throws IOException {
    boolean exact = arguments.has(EXACT);
    try (OpenReplica replica = OpenReplica.open(arguments.operand(0), console.environment())) {
      List<History.State> states = replica.history(exact, console.interrupted());
      console.print(
          arguments.has(JSON) ? json(replica.display(), states, exact) : table(states, exact));
    }
    return Main.OK;
  }

  private static String table(List<History.State> states, boolean exact) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(row("TXID", "level", "bytes", "upload", exact ? "header time" : ""));
    for (History.State state : states) {
      Long time = state.timeMillis();
      rows.add(
          row(
              state.txid().toString(),
              state.level() == LtxFile.SNAPSHOT_LEVEL
                  ? state.level() + " (snapshot)"
                  : Integer.toString(state.level()),
              Long.toString(state.bytes()),
              Times.seconds(state.uploadMillis()),
              time == null ? "" : Times.format(time)));
    }
    return Table.render(rows);
  }

  private static List<String> row(String... cells) {
    return List.of(cells);
  }

  private static String json(String replica, List<History.State> states, boolean exact) {
    JsonText json = new JsonText();
    json.object().name("replica").string(replica).name("states").array();
    for (History.State state : states) {
      Long time = state.timeMillis();
      json.object().name("txid").string(state.txid().toString());
      json.name("level").number(state.level()).name("bytes").number(state.bytes());
      json.name("upload_time").string(Times.format(state.uploadMillis()));
      if (exact) {
        json.name("time").string(time == null ? null : Times.format(time));
      }
      json.endObject();
    }
    return json.endArray().endObject() + "\n";
  }
}
