package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.StoreException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FileLoaderTest {
  private final PageCache cache = new PageCache(32 << 20);
  private final FetchStats stats = new FetchStats();

  private FileLoader loader(RecordingStore store) {
    return new FileLoader(
        store,
        cache,
        new TreeHints(),
        Lab.FAR,
        stats,
        new WholeFiles(store, cache, new TreeHints(), stats, Runnable::run));
  }

  /** Small pages that compress to nearly nothing: the index is longer than the tail's guess. */
  private static ReplicaBuilder longIndex() {
    ReplicaBuilder replica = new ReplicaBuilder(512);
    replica.write(60_000, Map.of(1, replica.content(1, 1)));
    return replica;
  }

  @Test
  void aSmallFileIsOneRequestAndItsPagesAreThere() {
    ReplicaBuilder replica = Lab.dense(200);
    RecordingStore store = new RecordingStore(replica.store());
    LtxFile file = replica.file(0, 1, 1);
    assertThat(file.size()).isLessThanOrEqualTo(FileLoader.WHOLE);
    var loaded = store.rounds(() -> loader(store).load(file, FileLoader.Place.ALONE));
    assertThat(loaded.rounds()).isEqualTo(1);
    assertThat(store.requests())
        .containsExactly(new RecordingStore.Request("GET", file.key(), 0, file.size()));
    for (int pgno = 1; pgno <= 200; pgno++) {
      assertThat(cache.contains(loaded.value().id(), pgno)).isTrue();
    }
    assertThat(loaded.value().index().count()).isEqualTo(200);
    assertThat(stats.bytesFetched()).isEqualTo(loaded.value().index().framesEnd() - 100);
  }

  @Test
  void aLargeFileIsItsHeadAndItsTailAtOnce() {
    ReplicaBuilder replica = Lab.dense(1000);
    RecordingStore store = new RecordingStore(replica.store());
    LtxFile file = replica.file(0, 1, 1);
    var loaded = store.rounds(() -> loader(store).load(file, FileLoader.Place.ALONE));
    assertThat(loaded.rounds()).isEqualTo(1);
    assertThat(store.requests())
        .containsExactlyInAnyOrder(
            new RecordingStore.Request("GET", file.key(), 0, 65_536),
            new RecordingStore.Request("GET", file.key(), file.size() - 65_536, 65_536));
    assertThat(loaded.value().index().count()).isEqualTo(1000);
    assertThat(cache.contains(loaded.value().id(), 1)).isTrue();
    assertThat(cache.contains(loaded.value().id(), 15)).isTrue();
    assertThat(cache.contains(loaded.value().id(), 16)).isFalse();
  }

  @Test
  void onlyAnIndexLongerThanTheTailCostsASecondRoundTrip() {
    ReplicaBuilder replica = longIndex();
    RecordingStore store = new RecordingStore(replica.store());
    LtxFile file = replica.file(0, 1, 1);
    assertThat(file.size()).isGreaterThan(FileLoader.WHOLE);
    var loaded = store.rounds(() -> loader(store).load(file, FileLoader.Place.ALONE));
    assertThat(loaded.rounds()).isEqualTo(2);
    assertThat(store.gets()).isEqualTo(3);
    assertThat(loaded.value().index().count()).isEqualTo(60_000);
    RecordingStore.Request third = store.requests().getLast();
    assertThat(third.offset() + third.length())
        .as("up to the tail")
        .isEqualTo(file.size() - 65_536);
    assertThat(third.offset()).isEqualTo(loaded.value().index().framesEnd() + 6);
  }

  @Test
  void everyFlippedByteOfASmallFileIsNoticedIfItChangesAPage() throws Exception {
    ReplicaBuilder replica = new ReplicaBuilder(512);
    replica.touch(3, 1, 2, 3);
    LtxFile good = replica.file(0, 1, 1);
    int harmless = 0;
    for (int at = 0; at < good.size(); at++) {
      LtxFile bad = replica.damage(good, at, 1 << (at % 8));
      IndexedFile loaded = loadOrNull(replica, bad);
      if (loaded != null) {
        // The checksum is of the pages: some other ways to compress the same page are no damage.
        harmless++;
        Lab lab = new Lab(replica);
        for (int pgno = 1; pgno <= 3; pgno++) {
          assertThat(Lab.read(lab.reader(), Lab.view(loaded), pgno))
              .as("offset %d", at)
              .isEqualTo(replica.page(1, pgno));
        }
      }
      replica.damage(bad, at, 1 << (at % 8));
    }
    assertThat(harmless).isLessThan((int) good.size() / 20);
  }

  private @Nullable IndexedFile loadOrNull(ReplicaBuilder replica, LtxFile file) {
    try {
      return loader(new RecordingStore(replica.store())).load(file, FileLoader.Place.ALONE).join();
    } catch (CompletionException e) {
      assertThat(e).hasCauseInstanceOf(DamagedFileException.class);
      return null;
    }
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "magic, 0, 255",
    "flags, 7, 128",
    "page size, 10, 255",
    "commit, 12, 128",
    "minimum TXID, 23, 2",
    "maximum TXID, 31, 255",
    "index entry, -60, 255",
    "index length absurd, -24, 127",
    "index length negative, -24, 255",
    "index length short, -17, 255",
    "trailer, -16, 255",
    "file checksum flag, -8, 128",
  })
  void damageToTheEndsOfALargeFileIsNoticed(String what, long offset, int xor) {
    ReplicaBuilder replica = Lab.dense(1000);
    LtxFile bad = replica.damage(replica.file(0, 1, 1), offset, xor);
    assertDamaged(replica, bad, what);
  }

  @Test
  void aDamagedFrameInTheHeadOfALargeFileHurtsOnlyWhoWantsIt() throws Exception {
    ReplicaBuilder replica = Lab.dense(1000);
    Lab lab = new Lab(replica);
    // The low byte of the first frame's page number.
    LtxFile bad = replica.damage(replica.file(0, 1, 1), LtxHeader.SIZE + 3, 0x40);
    View view = Lab.view(loader(lab.store).load(bad, FileLoader.Place.ALONE).join());
    assertThat(Lab.read(lab.reader(), view, 2)).isEqualTo(replica.page(1, 2));
    assertThatThrownBy(() -> Lab.read(lab.reader(), view, 1))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("the frame of page 1 is invalid: it is one of page 65");
  }

  @Test
  void aFileOfAnotherNameIsDamaged() {
    for (ReplicaBuilder replica : new ReplicaBuilder[] {Lab.dense(10), Lab.dense(1000)}) {
      byte[] bytes = replica.bytes(replica.file(0, 1, 1));
      LtxFile other = replica.put(0, 2, 2, bytes);
      assertDamaged(replica, other, "its header is that of 0000000000000001-0000000000000001");
    }
  }

  @Test
  void whatIsNoLtxFileIsDamaged() {
    ReplicaBuilder replica = new ReplicaBuilder(512);
    for (int size : new int[] {0, 1, 99, 130, 131, 5000, 2 << 20}) {
      byte[] text = new byte[size];
      Arrays.fill(text, (byte) '<');
      assertDamaged(replica, replica.put(0, 1, 1, text), "size " + size);
    }
  }

  @Test
  void aTruncatedFileIsDamaged() {
    for (ReplicaBuilder replica : new ReplicaBuilder[] {Lab.dense(10), Lab.dense(1000)}) {
      byte[] bytes = replica.bytes(replica.file(0, 1, 1));
      for (int cut : new int[] {1, 16, 24, 100, bytes.length / 2}) {
        byte[] shorter = Arrays.copyOf(bytes, bytes.length - cut);
        assertDamaged(replica, replica.put(0, 1, 1, shorter), "cut by " + cut);
      }
    }
  }

  private void assertDamaged(ReplicaBuilder replica, LtxFile file, String what) {
    assertThatThrownBy(() ->
            loader(new RecordingStore(replica.store())).load(file, FileLoader.Place.ALONE).join())
        .as(what)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining(file.key())
        .hasMessageContaining("Restore the file from another copy");
  }

  @Test
  void anObjectShorterThanItsListingIsAnErrorOfTheStore() {
    ReplicaBuilder replica = Lab.dense(10);
    LtxFile file = replica.file(0, 1, 1);
    LtxFile longer =
        new LtxFile(0, file.min(), file.max(), file.key(), file.size() + 5, file.etag(), 0);
    assertThatThrownBy(() ->
            loader(new RecordingStore(replica.store())).load(longer, FileLoader.Place.ALONE).join())
        .cause()
        .isInstanceOf(StoreException.class);
  }

  @Test
  void aFileThatWasReplacedOrDeletedIsStale() {
    for (int pages : new int[] {10, 1000}) {
      ReplicaBuilder replica = Lab.dense(pages);
      LtxFile file = replica.file(0, 1, 1);
      replica.damage(file, 50, 1);
      FileLoader loader = loader(new RecordingStore(replica.store()));
      assertThatThrownBy(() -> loader.load(file, FileLoader.Place.ALONE).join())
          .cause()
          .isInstanceOf(StaleFileException.class);
      replica.delete(0, 1, 1);
      assertThatThrownBy(() -> loader.load(file, FileLoader.Place.ALONE).join())
          .cause()
          .isInstanceOf(StaleFileException.class);
    }
  }

  @Test
  void absurdSizesCostNoMemory() {
    ReplicaBuilder replica = Lab.dense(1000);
    LtxFile file = replica.file(0, 1, 1);
    LtxFile absurd =
        new LtxFile(0, new Txid(1), new Txid(1), file.key(), Long.MAX_VALUE, file.etag(), 0);
    assertThatThrownBy(() ->
            loader(new RecordingStore(replica.store())).load(absurd, FileLoader.Place.ALONE).join())
        .cause()
        .isInstanceOf(StoreException.class);
  }
}
