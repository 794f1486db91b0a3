package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class IndexedFilesTest {
  private static final int FILES = 50;

  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final RecordingStore store = new RecordingStore(replica.store());
  private final PageCache cache = new PageCache(1 << 20);

  private IndexedFiles files(long budget) {
    TreeHints hints = new TreeHints();
    FetchStats stats = new FetchStats();
    FileLoader loader =
        new FileLoader(
            store,
            cache,
            hints,
            Lab.FAR,
            stats,
            new WholeFiles(store, cache, hints, stats, Runnable::run));
    return new IndexedFiles(loader, budget);
  }

  private List<IndexedFile> loadAll(IndexedFiles files) {
    List<IndexedFile> loaded = new ArrayList<>();
    for (int txid = 1; txid <= FILES; txid++) {
      loaded.add(files.get(replica.file(0, txid, txid), FileLoader.Place.ALONE).join());
    }
    return loaded;
  }

  @Test
  void aFileThatSomebodyHasIsNotReadAgainHoweverSmallTheBudgetIs() {
    for (int i = 0; i < FILES; i++) {
      replica.touch(20, 1 + i % 20);
    }
    IndexedFiles files = files(4096);
    List<IndexedFile> held = loadAll(files);
    assertThat(store.gets()).isEqualTo(FILES);
    System.gc();
    assertThat(loadAll(files)).isEqualTo(held);
    assertThat(store.gets()).isEqualTo(FILES);
  }

  @Test
  void whatNobodyHasIsReadAgainUnlessItWasUsedOfLate() {
    for (int i = 0; i < FILES; i++) {
      replica.touch(20, 1 + i % 20);
    }
    IndexedFiles files = files(4096);
    assertThat(loadAll(files)).hasSize(FILES);
    assertThat(files.get(replica.file(0, FILES, FILES), FileLoader.Place.ALONE)).isCompleted();
    assertThat(store.gets()).isEqualTo(FILES);
    for (int tries = 0; store.gets() == FILES && tries < 100; tries++) {
      System.gc(); // takes what nobody has, sooner or later
      assertThat(files.get(replica.file(0, 1, 1), FileLoader.Place.ALONE)).isCompleted();
    }
    assertThat(store.gets()).isEqualTo(FILES + 1);
  }
}
