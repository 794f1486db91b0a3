package dev.rivulet.cli;

import dev.rivulet.db.Moment;
import dev.rivulet.db.MomentParser;
import dev.rivulet.db.OpenReplica;
import dev.rivulet.db.Restore;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;

/** {@code rivulet restore}. */
final class RestoreCommand {
  private static final String OUTPUT = "-o";
  private static final String TXID = "--txid";
  private static final String TIMESTAMP = "--timestamp";
  private static final String FORCE = "--force";

  static final Command COMMAND =
      new Command(
          "restore",
          List.of("URL"),
          "write a whole state of a replica into a database file",
          """
          Writes the newest state, or the one that an option names, into FILE. Every LTX
          file is read whole and its checksum verified. The database gets its name when
          it is complete and on the disk; until then it has a temporary one beside it.

            rivulet restore s3://bucket/path/my.db -o my.db
            rivulet restore s3://bucket/path/my.db -o old.db --timestamp 2026-01-31T12:00:00Z
          """,
          List.of(
              new Option(OUTPUT, "FILE", "the database file to write (needed)"),
              new Option(TXID, "HEX", "the state after exactly this transaction"),
              new Option(
                  TIMESTAMP,
                  "TIME",
                  "every change in files older than this time: RFC 3339, \"5 minutes ago\""),
              new Option(FORCE, "", "replace FILE, and remove its -wal, -shm and -journal")),
          RestoreCommand::run);

  private RestoreCommand() {}

  private static int run(Arguments arguments, Console console) throws UsageException, IOException {
    Path output = output(arguments);
    Moment point = point(arguments);
    try (OpenReplica replica = OpenReplica.open(arguments.operand(0), console.environment())) {
      ProgressLine progress = new ProgressLine(console);
      Restore.Result result;
      try {
        result =
            Restore.run(
                replica, point, output, arguments.has(FORCE), progress, console.interrupted());
      } finally {
        progress.clear();
      }
      console.print(summary(output, result));
    }
    return Main.OK;
  }

  /** One line that says what was restored. */
  static String summary(Path output, Restore.Result result) {
    return "Restored %s: TXID %s of %s, %d pages, %s, from %d file%s of %s\n"
        .formatted(
            output,
            result.txid(),
            Times.format(result.timeMillis()),
            result.pages(),
            Sizes.format(result.bytes()),
            result.files(),
            result.files() == 1 ? "" : "s",
            Sizes.format(result.bytesRead()));
  }

  private static Path output(Arguments arguments) throws UsageException {
    String output = arguments.value(OUTPUT);
    if (output == null || output.isEmpty()) {
      throw new UsageException("rivulet restore needs -o FILE, the database file to write");
    }
    try {
      Path path = Path.of(output);
      if (path.getFileName() == null) {
        throw new UsageException("-o names a folder, not a file");
      }
      return path;
    } catch (InvalidPathException e) {
      throw new UsageException("-o is no possible file name: " + e.getReason());
    }
  }

  private static Moment point(Arguments arguments) throws UsageException {
    String txid = arguments.value(TXID);
    String timestamp = arguments.value(TIMESTAMP);
    if (txid != null && timestamp != null) {
      throw new UsageException("--txid and --timestamp exclude each other");
    }
    try {
      if (txid != null) {
        return MomentParser.parseTxid(txid);
      }
      return timestamp != null
          ? MomentParser.parse(timestamp, System.currentTimeMillis())
          : Moment.LATEST;
    } catch (IllegalArgumentException e) {
      throw new UsageException((txid != null ? TXID : TIMESTAMP) + ": " + e.getMessage());
    }
  }
}
