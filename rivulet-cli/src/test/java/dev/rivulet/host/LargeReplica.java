package dev.rivulet.host;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import java.io.BufferedOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A replica with a transaction that changed many pages, all that there are, of {@code big(a)},
 * which has a row on each. Made without Litestream, which takes a minute for a million of them.
 */
final class LargeReplica {
  private static final int PAGE = 512;

  private LargeReplica() {}

  /** Makes one of at least so many pages; returns its URL. */
  static String make(Path folder, int pages) throws Exception {
    Path database = Files.createDirectories(folder).resolve("primary.db");
    Host.run(
        Map.of(),
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA page_size=%d; CREATE TABLE big (a);"
                .formatted(PAGE)
            + " WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                .formatted(pages)
            + " INSERT INTO big SELECT zeroblob(450) FROM n;",
        List.of("sqlite3", "-bail", database.toString()));
    int commit = Math.toIntExact(Files.size(database) / PAGE);
    write(database, 1, folder.resolve(key(9, 1)), 1);
    write(database, commit, folder.resolve(key(0, 2)), 2);
    Files.delete(database);
    return "file://" + folder.toAbsolutePath();
  }

  private static String key(int level, long txid) {
    return Layout.DECIMAL.key(level, new Txid(txid), new Txid(txid));
  }

  private static void write(Path database, int commit, Path ltx, long txid) throws Exception {
    Files.createDirectories(ltx.getParent());
    Txid only = new Txid(txid);
    long now = System.currentTimeMillis();
    try (InputStream in = Files.newInputStream(database);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(ltx))) {
      LtxWriter writer =
          new LtxWriter(
              out,
              new LtxHeader(
                  LtxHeader.NO_CHECKSUM, PAGE, commit, only, only, now, 0, 0, 0, 0, 0, 0));
      for (int pgno = 1; pgno <= commit; pgno++) {
        writer.page(pgno, in.readNBytes(PAGE));
      }
      var _ = writer.finish();
    }
  }
}
