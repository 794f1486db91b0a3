package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.PageReader;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.View;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Planner;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.FileStore;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The project's own golden replicas, which scripts/make-test-replicas.sh makes with Litestream. */
class OwnReplicasTest {
  @ParameterizedTest
  @ValueSource(strings = {"levels", "shrink", "page512"})
  void everyStateIsWhatLitestreamRestores(String name) throws Exception {
    Path folder = folder().resolve(name);
    List<String> manifest = Files.readAllLines(folder.resolve("manifest"));
    assertThat(manifest).hasSizeGreaterThan(10);
    try (FileStore store = new FileStore(folder)) {
      List<LtxFile> files = new Replica(store, Layout.DECIMAL).listAll().join();
      ReplicaPages pages = new ReplicaPages(store, new PageCache(8 << 20));
      for (String line : manifest) {
        String[] parts = line.split(" ", -1);
        byte[] database =
            parts[0].equals("latest")
                ? newest(folder)
                : restore(pages, pages.view(Planner.at(files, Txid.parse(parts[0])), 1).join());
        assertThat(database).as(line).hasSize(Integer.parseInt(parts[1]));
        assertThat(sha256(Opened.plain(database))).as(line).isEqualTo(parts[2]);
      }
    }
  }

  private static Path folder() throws URISyntaxException {
    return Path.of(
        Objects.requireNonNull(OwnReplicasTest.class.getResource("/replicas"), "replicas").toURI());
  }

  private static byte[] newest(Path folder) throws IOException, SettingsException {
    Settings settings = Settings.resolve("file://" + folder, Map.of(), n -> null);
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      return Opened.read(session, 0, (int) session.size());
    }
  }

  private static byte[] restore(ReplicaPages pages, View view) throws IOException {
    PageReader reader = pages.reader();
    byte[] database = new byte[(int) view.bytes()];
    long page = NativeMemory.allocate(view.pageSize());
    for (int pgno = 1; pgno <= view.commit(); pgno++) {
      IndexedFile file = Objects.requireNonNull(view.map().find(pgno));
      reader.read(view, file, pgno, 0, view.pageSize(), page, Opened.NEVER);
      NativeMemory.read(page, database, (pgno - 1) * view.pageSize(), view.pageSize());
    }
    NativeMemory.free(page);
    return database;
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}
