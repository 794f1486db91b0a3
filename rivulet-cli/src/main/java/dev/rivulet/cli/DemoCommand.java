package dev.rivulet.cli;

import dev.rivulet.db.Moment;
import dev.rivulet.db.OpenReplica;
import dev.rivulet.db.Restore;
import dev.rivulet.store.ReplicaUrl;
import dev.rivulet.store.StoreLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code rivulet demo}. */
final class DemoCommand {
  private static final String DIR = "--dir";
  private static final String ONLY_REPLICA = "--only-replica";
  private static final String LARGE = "--large";

  /** Where the distribution is, told by the script that starts this program. */
  private static final String HOME_PROPERTY = "rivulet.home";

  static final Command COMMAND =
      new Command(
          "demo",
          List.of(),
          "make a small replica and show how to read it",
          """
          Makes a replica with a past in a local folder: the table sandwich_ratings, and
          the UPDATE that lost its WHERE clause. Opens it with the stock sqlite3 through
          the extension, compares it with the state before the accident, and restores that.
          """,
          List.of(
              new Option(DIR, "FOLDER", "where to put it (default: a new temporary folder)"),
              new Option(ONLY_REPLICA, "", "make the replica, print its URL, and end"),
              new Option(LARGE, "", "with a second table of some megabytes")),
          DemoCommand::run);

  private static final String SELECT = "SELECT * FROM sandwich_ratings";

  /** A little before the accident, however long the demo has taken up to here. */
  private static final String ATTACH_PAST =
      "ATTACH 'file:my.db?vfs=litestream&time="
          + (DemoReplica.ACCIDENT_MINUTES_AGO + 1)
          + " minutes ago' AS past";

  private static final String COMPARE =
      "SELECT s.sandwich, p.stars AS before, s.stars AS now FROM sandwich_ratings s"
          + " JOIN past.sandwich_ratings p USING (id) WHERE p.stars <> s.stars";

  private DemoCommand() {}

  private static int run(Arguments arguments, Console console) throws UsageException, IOException {
    Path folder = folder(arguments.value(DIR));
    String program = console.environment().get("SQLITE3");
    Sqlite3 sqlite3 = new Sqlite3(program == null || program.isEmpty() ? "sqlite3" : program);
    Path replica = folder.resolve("replica");
    String url = url(replica, console);
    long now = System.currentTimeMillis();
    if (arguments.has(LARGE)) {
      DemoReplica.makeLarge(replica, now, sqlite3);
    } else {
      DemoReplica.make(replica, now, sqlite3);
    }
    if (arguments.has(ONLY_REPLICA)) {
      console.print(url + "\n");
      return Main.OK;
    }
    String home = System.getProperty(HOME_PROPERTY);
    if (home == null) {
      throw new IOException("the demo is started by bin/rivulet of the distribution");
    }
    Path extension = Path.of(home, "litestream");
    query(console, sqlite3, url, extension);
    restore(console, sqlite3, url, folder.resolve("before.db"), now);
    console.print(
        """

        What was shown: a database that lies in LTX files only, opened where it lies by a
        SQLite that knows nothing of them, beside one of its earlier states.

        Try next:
          rivulet info %1$s
          rivulet history %1$s
          rivulet shell %1$s
        and then the same with the URL of a replica of yours, as s3://bucket/path/my.db
        """
            .formatted(url));
    return Main.OK;
  }

  private static Path folder(@Nullable String given) throws UsageException, IOException {
    if (given == null) {
      return Files.createTempDirectory("rivulet-demo-");
    }
    try {
      Path folder = Path.of(given).toAbsolutePath().normalize();
      Files.createDirectories(folder);
      if (Files.exists(folder.resolve("replica")) || Files.exists(folder.resolve("before.db"))) {
        throw new IOException(folder + " has a demo in it already: remove it, or name another");
      }
      return folder;
    } catch (InvalidPathException e) {
      throw new UsageException(DIR + " is no possible folder name: " + e.getReason());
    }
  }

  /** The replica's URL; not every folder has one, for Litestream undoes no escapes in a path. */
  private static String url(Path replica, Console console) throws UsageException, IOException {
    String url = "file://" + replica;
    if (!ReplicaUrl.parse(url, console.environment())
        .location()
        .equals(new StoreLocation.Folder(replica))) {
      throw new UsageException(
          "no file:// URL leads to the folder " + replica + ": give a plainer one by " + DIR);
    }
    return url;
  }

  private static void query(Console console, Sqlite3 sqlite3, String url, Path extension)
      throws IOException {
    String load = ".load " + quote(extension);
    String open = ".open file:///my.db?vfs=litestream";
    console.print(
        """
        A replica of a database lies in %s
        The stock sqlite3 opens it there:

        $ export LITESTREAM_REPLICA_URL=%s
        $ sqlite3
        sqlite> %s
        sqlite> %s
        sqlite> %s;
        """
            .formatted(url.substring("file://".length()), url, load, open, SELECT));
    Map<String, String> environment = Map.of("LITESTREAM_REPLICA_URL", url);
    // One process, as a person has one; a line of its own marks where the rows end.
    String printed =
        sqlite3.run(
            Path.of(":memory:"),
            environment,
            load,
            open,
            ".mode column",
            SELECT,
            ".mode list",
            ".headers off",
            "SELECT litestream_stats()");
    String rows = printed.substring(0, printed.stripTrailing().lastIndexOf('\n') + 1);
    console.print(rows);
    console.print("sqlite> SELECT litestream_stats();\n" + printed.substring(rows.length()));
    console.print(
        "\nThat is what it took. Five minutes ago somebody forgot a WHERE clause. What was lost:\n\n");
    console.print("sqlite> " + ATTACH_PAST + ";\nsqlite> " + COMPARE + ";\n");
    console.print(
        sqlite3.run(
            Path.of(":memory:"), environment, load, open, ATTACH_PAST, ".mode column", COMPARE));
    console.print("\nAnd back:\n\n");
  }

  private static void restore(Console console, Sqlite3 sqlite3, String url, Path output, long now)
      throws IOException {
    long before = now - DemoReplica.ACCIDENT_MINUTES_AGO * 60_000L;
    try (OpenReplica replica = OpenReplica.open(url, console.environment())) {
      console.print(
          "$ rivulet restore %s -o %s --timestamp %s\n"
              .formatted(url, output, Times.format(before)));
      Restore.Result result =
          Restore.run(
              replica,
              new Moment.Before(before),
              output,
              false,
              (done, total) -> {},
              console.interrupted());
      console.print(RestoreCommand.summary(output, result));
    }
    console.print("$ sqlite3 %s '%s'\n".formatted(output, SELECT));
    console.print(sqlite3.run(output, Map.of(), ".mode column", SELECT));
  }

  /** As a word of a dot-command. */
  private static String quote(Path path) {
    String text = path.toString();
    return text.matches("[\\w./+-]+")
        ? text
        : '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
