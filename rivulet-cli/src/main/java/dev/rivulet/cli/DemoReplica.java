package dev.rivulet.cli;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Makes a replica with a past: a real SQLite database changes, transaction by transaction, and the
 * pages that differ become LTX files, as Litestream would have made them of its log.
 *
 * <p>The folder has what a young replica of Litestream has: each transaction on level 0, the first
 * of them merged on level 1, and a snapshot on level 9.
 */
final class DemoReplica {
  /** One transaction: how long ago, and what it did. */
  private record Change(int minutesAgo, String sql) {}

  private static final List<Change> CHANGES =
      List.of(
          new Change(
              60,
              "CREATE TABLE sandwich_ratings (id INTEGER PRIMARY KEY, sandwich TEXT NOT NULL,"
                  + " stars INTEGER NOT NULL)"),
          new Change(
              50,
              "INSERT INTO sandwich_ratings (sandwich, stars) VALUES ('Reuben', 5), ('BLT', 4),"
                  + " ('Grilled cheese', 4)"),
          new Change(
              40,
              "INSERT INTO sandwich_ratings (sandwich, stars) VALUES ('Club', 3), ('Banh mi', 5)"),
          new Change(30, "UPDATE sandwich_ratings SET stars = 2 WHERE sandwich = 'Club'"),
          new Change(
              20,
              "CREATE INDEX sandwich_ratings_by_stars ON sandwich_ratings (stars);"
                  + " INSERT INTO sandwich_ratings (sandwich, stars) VALUES ('Tuna melt', 3)"),
          new Change(10, "INSERT INTO sandwich_ratings (sandwich, stars) VALUES ('Cubano', 5)"),
          new Change(5, "UPDATE sandwich_ratings SET stars = 1"));

  /**
   * What makes it larger than a file that is read whole, with an index to go by: some 3 MB of text
   * that does not compress well.
   */
  private static final Change FILLER =
      new Change(
          55,
          "CREATE TABLE notes (id INTEGER PRIMARY KEY, sandwich INTEGER, note TEXT);"
              + " INSERT INTO notes WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
              + " WHERE i < 6000) SELECT i, i * 7 % 100, hex(randomblob(300)) FROM n;"
              + " CREATE INDEX notes_by_sandwich ON notes (sandwich)");

  /** How long ago the last change was, the one that should not have been. */
  static final int ACCIDENT_MINUTES_AGO = 5;

  private static final int PAGE_SIZE = 4096;

  /** Level 1 has the transactions up to this one, as if its interval had ended there. */
  private static final int MERGED = 4;

  /** The snapshot was made after this one. */
  private static final int SNAPSHOT = 5;

  private final Path folder;
  private final long nowMillis;
  private final List<Change> changes = new ArrayList<>(CHANGES);
  private final List<byte[][]> states = new ArrayList<>();

  private DemoReplica(Path folder, long nowMillis) {
    this.folder = folder;
    this.nowMillis = nowMillis;
  }

  /**
   * Makes the replica.
   *
   * @param folder where it will lie; there must be none in it yet
   */
  static void make(Path folder, long nowMillis, Sqlite3 sqlite3) throws IOException {
    new DemoReplica(folder, nowMillis).make(sqlite3);
  }

  /** Makes the same with a table of some megabytes, which is not read in one request. */
  static void makeLarge(Path folder, long nowMillis, Sqlite3 sqlite3) throws IOException {
    DemoReplica replica = new DemoReplica(folder, nowMillis);
    replica.changes.add(1, FILLER);
    replica.make(sqlite3);
  }

  private void make(Sqlite3 sqlite3) throws IOException {
    Files.createDirectories(folder);
    Path work = Files.createTempDirectory(folder, "primary");
    Path database = work.resolve("my.db");
    try {
      sqlite3.run(
          database, Map.of(), "PRAGMA page_size = " + PAGE_SIZE + "; PRAGMA journal_mode = WAL");
      for (Change change : changes) {
        // When its last connection closes, SQLite moves the log's pages into the database.
        sqlite3.run(database, Map.of(), "BEGIN; " + change.sql + "; COMMIT;");
        states.add(pages(Files.readAllBytes(database)));
      }
    } finally {
      Files.deleteIfExists(database);
      Files.deleteIfExists(work);
    }
    try {
      for (int txid = 1; txid <= states.size(); txid++) {
        write(0, txid, txid);
      }
      write(1, 1, MERGED);
      write(9, 1, SNAPSHOT);
    } catch (LtxException e) {
      throw new IOException("The demo's replica cannot be written: " + e.getMessage(), e);
    }
  }

  private static byte[][] pages(byte[] database) {
    byte[][] pages = new byte[database.length / PAGE_SIZE][];
    for (int i = 0; i < pages.length; i++) {
      pages[i] = Arrays.copyOfRange(database, i * PAGE_SIZE, (i + 1) * PAGE_SIZE);
    }
    return pages;
  }

  /** Writes the file of some transactions: the pages that differ from the state before them. */
  private void write(int level, int min, int max) throws IOException, LtxException {
    byte[][] before = min == 1 ? new byte[0][] : states.get(min - 2);
    byte[][] after = states.get(max - 1);
    Path file = folder.resolve(Layout.DECIMAL.key(level, new Txid(min), new Txid(max)));
    Files.createDirectories(file.getParent());
    long millis = nowMillis - changes.get(max - 1).minutesAgo * 60_000L;
    LtxHeader header =
        new LtxHeader(
            LtxHeader.NO_CHECKSUM,
            PAGE_SIZE,
            after.length,
            new Txid(min),
            new Txid(max),
            millis,
            0,
            0,
            0,
            0,
            0,
            0);
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      LtxWriter writer = new LtxWriter(out, header);
      for (int i = 0; i < after.length; i++) {
        if (i >= before.length || !Arrays.equals(before[i], after[i])) {
          writer.page(i + 1, after[i]);
        }
      }
      writer.finish();
    }
    Files.setLastModifiedTime(file, FileTime.fromMillis(millis));
  }
}
