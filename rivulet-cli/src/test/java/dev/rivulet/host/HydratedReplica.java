package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.Litestream;
import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A replica of some 5 MB for tests of hydration: more than what an open reads, and than the least
 * page cache holds. State n, of three, has the row n in {@code s}.
 *
 * @param folder of the replica
 * @param restored what Litestream restores of state n: {@code n.db}
 */
record HydratedReplica(Path folder, Path restored) {
  /** The least page cache, so that nothing of the replica is in it by chance. */
  static final String FORGETFUL = "&cache_size=1MiB";

  /**
   * Python that opens the replica with the file {@code LOCAL}; {@code right} says whether every
   * byte of what SQLite reads is what Litestream restores of state n, but for what depends on who
   * presents it.
   */
  static final String PYTHON =
      """
      import time
      FORGETFUL = '%s'
      LOCAL = os.environ['LOCAL']
      def opened(more=''): return connect('file:my.db?vfs=litestream&hydration_path=' + LOCAL + more)
      def one(c, sql): return c.execute(sql).fetchone()[0]
      def masked(image):
          image = bytearray(image)
          for start, length in ((18, 2), (24, 4), (92, 4)): image[start:start + length] = bytes(length)
          return image
      def right(c, name='main', n=3):
          with open('%%s/%%d.db' %% (os.environ['RESTORED'], n), 'rb') as f:
              return masked(c.serialize(name=name)) == masked(f.read())
      def wait(c): return one(c, 'SELECT litestream_hydration_wait(30)')
      """
          .formatted(FORGETFUL);

  /**
   * Makes one.
   *
   * @param folder for it and what is restored of it
   * @param rows of 1 kB, of random bytes
   */
  static HydratedReplica make(Path folder, int rows) throws IOException {
    Path replica = folder.resolve("replica");
    String url =
        TestReplica.make(
            replica,
            "CREATE TABLE s (n); INSERT INTO s VALUES (1); CREATE TABLE t (id INTEGER PRIMARY KEY,"
                + " a);"
                + insert(rows),
            "UPDATE s SET n = 2; UPDATE t SET a = randomblob(1000) WHERE id % 20 = 7;"
                + insert(rows / 8),
            "UPDATE s SET n = 3; UPDATE t SET a = randomblob(1000) WHERE id % 50 = 9;"
                + insert(rows / 8));
    for (int n = 1; n <= 3; n++) {
      Path restored = folder.resolve(n + ".db");
      Litestream.setUp().restore(url, restored, Map.of(), "-txid", "%016x".formatted(n));
    }
    return new HydratedReplica(replica, folder);
  }

  private static String insert(int rows) {
    return "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < "
        + rows
        + ") INSERT INTO t (a) SELECT randomblob(1000) FROM n;";
  }

  /** For a host that reads the folder itself. */
  Map<String, String> environment(Path local) {
    return with(Map.of("LITESTREAM_REPLICA_URL", "file://" + folder), local);
  }

  /** What {@link #PYTHON} asks for beside the replica's URL and credentials. */
  Map<String, String> with(Map<String, String> environment, Path local) {
    return S3Host.with(
        S3Host.with(environment, "LOCAL", local.toString()), "RESTORED", restored.toString());
  }

  /** That the local file is what Litestream restores, byte by byte. */
  void isIn(Path local) throws IOException {
    assertThat(Files.mismatch(local, restored.resolve("3.db")))
        .as("first byte that differs")
        .isEqualTo(-1);
  }

  static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  /** Its lines of the log that are warnings. */
  static List<String> warnings(String err) {
    return err.lines().filter(line -> line.contains(" WARN ")).toList();
  }
}
