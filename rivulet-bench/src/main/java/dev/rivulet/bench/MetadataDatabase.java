package dev.rivulet.bench;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * The metadata of a file system, as a machine needs it that boots from an object store: inodes, and
 * directory entries by parent and name; 60 MB. Directories are written one after another with all
 * their files, as images are unpacked, so what belongs together lies together.
 *
 * <p>Inodes 1 to {@value #DIRECTORIES} are the directories, 1 being the root; names follow from
 * numbers, so that lookups can be made without the database.
 */
final class MetadataDatabase {

  static final int DIRECTORIES = 24_700;
  static final int FILES_EACH = 18;

  private static final int TOP = 20;

  private static final String SCHEMA =
      """
      PRAGMA page_size = 4096;
      PRAGMA synchronous = OFF;
      PRAGMA cache_size = -200000;
      BEGIN;
      CREATE TABLE inodes(id INTEGER PRIMARY KEY, mode INTEGER, uid INTEGER, gid INTEGER,
        links INTEGER, size INTEGER, modified INTEGER, changed INTEGER, content TEXT);
      CREATE TABLE entries(parent INTEGER, name TEXT, inode INTEGER,
        PRIMARY KEY (parent, name)) WITHOUT ROWID;
      """;

  private MetadataDatabase() {}

  /**
   * Makes the database with the {@code sqlite3} program. The file appears whole, or not at all.
   *
   * @throws IOException if sqlite3 is missing or fails
   */
  static void create(Path file) throws IOException {
    Path staging = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(staging);
    Process sqlite =
        new ProcessBuilder("sqlite3", "-batch", "-bail", staging.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (Writer sql = new BufferedWriter(sqlite.outputWriter(StandardCharsets.US_ASCII), 1 << 16)) {
      write(sql);
    }
    try {
      if (sqlite.waitFor() != 0) {
        throw new IOException("sqlite3 could not make " + staging);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while sqlite3 was running", e);
    }
    Files.move(staging, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private static void write(Writer sql) throws IOException {
    Random random = new Random(7);
    sql.write(SCHEMA);
    for (int directory = 1; directory <= DIRECTORIES; directory++) {
      inode(sql, random, directory, 040755, "");
      if (directory > 1) {
        entry(sql, parent(directory), name(directory), directory);
      }
      for (int i = 0; i < FILES_EACH; i++) {
        int inode = file(directory, i);
        inode(sql, random, inode, 0100644, content(random));
        entry(sql, directory, name(inode), inode);
      }
    }
    sql.write("COMMIT;\n");
  }

  private static void inode(Writer sql, Random random, int id, int mode, String content)
      throws IOException {
    int modified = 1_700_000_000 + random.nextInt(50_000_000);
    sql.write(
        "INSERT INTO inodes VALUES(%d,%d,%d,%d,1,%d,%d,%d,'%s');\n"
            .formatted(
                id,
                mode,
                random.nextInt(3) * 1000,
                random.nextInt(3) * 1000,
                random.nextInt(1 << random.nextInt(4, 26)),
                modified,
                modified + random.nextInt(100_000),
                content));
  }

  private static void entry(Writer sql, int parent, String name, int inode) throws IOException {
    sql.write("INSERT INTO entries VALUES(%d,'%s',%d);\n".formatted(parent, name, inode));
  }

  /** Where the content is, by its hash, which does not compress. */
  private static String content(Random random) {
    StringBuilder text = new StringBuilder(64);
    for (int i = 0; i < 8; i++) {
      text.append("%08x".formatted(random.nextInt()));
    }
    return text.toString();
  }

  /** A tree as deep as those of installed systems: six levels or so. */
  private static int parent(int directory) {
    if (directory <= 1 + TOP) {
      return 1;
    }
    Random random = new Random(directory * 31L);
    return Math.max(1, random.nextInt(directory / 12 + 1, directory / 3 + 1));
  }

  private static int file(int directory, int i) {
    return DIRECTORIES + 1 + (directory - 1) * FILES_EACH + i;
  }

  private static String name(int inode) {
    int mixed = inode * 0x9E3779B1;
    return "%s-%x.%s"
        .formatted(
            new String[] {"lib", "module", "index", "config", "package", "unit"}[(mixed >>> 8) % 6],
            mixed,
            new String[] {"so", "js", "conf", "py", "d"}[(mixed >>> 16) % 5]);
  }

  /**
   * Point queries as a boot makes them: the paths of some files of some directories, component by
   * component, an entry and its inode each, no component twice (the kernel remembers them).
   *
   * @param files of each directory that are looked up
   * @param count of queries
   */
  static List<String> lookups(long seed, int files, int count) {
    Random random = new Random(seed);
    Set<Integer> known = new HashSet<>(Set.of(1));
    List<String> queries = new ArrayList<>();
    while (queries.size() < count) {
      int directory = random.nextInt(2, DIRECTORIES + 1);
      List<Integer> path = new ArrayList<>();
      for (int at = directory; at != 1; at = parent(at)) {
        path.addFirst(at);
      }
      for (int component : path) {
        if (known.add(component)) {
          lookup(queries, parent(component), component);
        }
      }
      int first = random.nextInt(FILES_EACH);
      for (int i = 0; i < files; i++) {
        int file = file(directory, (first + i) % FILES_EACH);
        if (known.add(file)) {
          lookup(queries, directory, file);
        }
      }
    }
    return queries.subList(0, count);
  }

  private static void lookup(List<String> queries, int parent, int inode) {
    queries.add(
        "SELECT inode FROM entries WHERE parent = %d AND name = '%s'"
            .formatted(parent, name(inode)));
    queries.add("SELECT * FROM inodes WHERE id = " + inode);
  }
}
