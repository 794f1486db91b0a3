package dev.rivulet.cli;

import java.io.IOException;
import java.util.List;

/**
 * {@code rivulet shell}. The script {@code bin/rivulet} runs it, without any Java, so that {@code
 * sqlite3} takes the script's place: it gets Ctrl-C and the terminal, and nothing waits beside it.
 * Here is its help, and what is said when the URL is missing.
 */
final class ShellCommand {
  static final Command COMMAND =
      new Command(
          "shell",
          List.of("URL"),
          "open a replica in the stock sqlite3",
          """
          Starts the stock sqlite3 with the extension loaded and the replica open. What
          follows the URL is for sqlite3: its options and SQL statements.

            rivulet shell s3://bucket/path/my.db
            rivulet shell s3://bucket/path/my.db -json 'SELECT * FROM sandwich_ratings'

          SQLITE3 names another sqlite3 program than the one on the PATH.
          """,
          List.of(),
          ShellCommand::run);

  private ShellCommand() {}

  private static int run(Arguments arguments, Console console) throws IOException {
    throw new IOException(
        "the shell is started by bin/rivulet of the distribution, not by this Java program");
  }
}
