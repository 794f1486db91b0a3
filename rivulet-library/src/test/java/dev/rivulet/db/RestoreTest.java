package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.PageChecksum;
import dev.rivulet.ltx.Txid;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.replica.Layout;
import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.ObjectEntry;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.PutRequest;
import dev.rivulet.store.ReplicaUrl;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RestoreTest {
  private static final int PAGE = 512;

  private final ObjectStore store = new MemoryStore();
  @TempDir Path folder;
  private Path output;

  @BeforeEach
  void nameOutput() {
    output = folder.resolve("out.db");
  }

  @Test
  void appliesFilesFromOldestToNewest() throws Exception {
    put(9, 1, 2, 1_000, pages(3, 'a'), Map.of());
    put(0, 3, 3, 2_000, pages(3, 'a'), Map.of(2, 'b'));
    put(0, 4, 4, 3_000, pages(3, 'a'), Map.of(2, 'c', 3, 'd'));

    Restore.Result result = restore(new Moment.Latest(), false);

    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('a', 'c', 'd'));
    assertThat(result.txid()).isEqualTo(new Txid(4));
    assertThat(result.timeMillis()).isEqualTo(3_000);
    assertThat(result.pages()).isEqualTo(3);
    assertThat(result.files()).isEqualTo(3);
  }

  @Test
  void cutsWhatAFileCutAndGrowsWithZeros() throws Exception {
    put(0, 1, 1, 1_000, pages(4, 'a'), Map.of());
    put(0, 2, 2, 2_000, pages(1, 'a'), Map.of(1, 'b'));
    // Page 3 comes back, as zeros: a hole if nothing lies there, but the old 'a' did.
    put(0, 3, 3, 3_000, pages(4, 'a'), Map.of(2, '\0', 3, '\0', 4, 'z'));

    restore(new Moment.Latest(), false);

    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('b', '\0', '\0', 'z'));
  }

  @Test
  void writesZerosOverWhatAnOlderFileHad() throws Exception {
    put(0, 1, 1, 1_000, pages(2, 'a'), Map.of());
    put(0, 2, 2, 2_000, pages(2, 'a'), Map.of(2, '\0'));

    restore(new Moment.Latest(), false);

    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('a', '\0'));
  }

  @Test
  void refusesToOverwrite() throws Exception {
    put(0, 1, 1, 1_000, pages(1, 'a'), Map.of());
    Files.writeString(output, "precious");

    assertThatThrownBy(() -> restore(new Moment.Latest(), false))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("--force");

    assertThat(output).hasContent("precious");
    assertNothingElseLeft();
  }

  @Test
  void refusesWhereTheLogOfAnOldDatabaseWouldBeAppliedToTheNewOne() throws Exception {
    put(0, 1, 1, 1_000, pages(1, 'a'), Map.of());
    Files.writeString(folder.resolve("out.db-wal"), "old log");

    assertThatThrownBy(() -> restore(new Moment.Latest(), false))
        .isInstanceOf(FileAlreadyExistsException.class)
        .hasMessageContaining("out.db-wal");
  }

  @Test
  void replacesDatabaseAndRemovesItsLogWhenTold() throws Exception {
    put(0, 1, 1, 1_000, pages(1, 'a'), Map.of());
    Files.writeString(output, "old");
    Files.writeString(folder.resolve("out.db-wal"), "old log");

    restore(new Moment.Latest(), true);

    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('a'));
    assertNothingElseLeft();
  }

  @Test
  void aFlippedBitInAnyFileLeavesNothingBehind() throws Exception {
    put(9, 1, 1, 1_000, pages(2, 'a'), Map.of());
    byte[] good = file(2, 2, 2_000, pages(2, 'a'), Map.of(2, 'b'));
    int noticed = 0;
    for (int at = 0; at < good.length; at++) {
      byte[] bad = good.clone();
      bad[at] ^= 1;
      putBytes(0, 2, 2, bad);
      Throwable thrown = catchThrowable(() -> restore(new Moment.Latest(), false));
      if (thrown == null) {
        // The checksum covers decoded pages: two ways to compress the same ones are both right.
        assertThat(Files.readAllBytes(output)).as("bit at %d", at).isEqualTo(bytes('a', 'b'));
        Files.delete(output);
        continue;
      }
      noticed++;
      assertThat(thrown)
          .as("bit at %d", at)
          .isInstanceOf(DamagedFileException.class)
          .hasMessageContaining("0000000000000002");
      assertThat(output).doesNotExist();
      assertNothingElseLeft();
    }
    assertThat(noticed).isGreaterThan(good.length - 4);
  }

  @Test
  void aTruncatedFileLeavesNothingBehind() throws Exception {
    byte[] good = file(1, 1, 1_000, pages(2, 'a'), Map.of());
    for (int length : new int[] {0, 1, 99, 100, 200, good.length - 1}) {
      putBytes(0, 1, 1, Arrays.copyOf(good, length));
      assertThatThrownBy(() -> restore(new Moment.Latest(), false))
          .as("%d bytes", length)
          .isInstanceOf(DamagedFileException.class);
      assertThat(output).doesNotExist();
      assertNothingElseLeft();
    }
  }

  @Test
  void aPageInNoFileIsAnError() throws Exception {
    put(0, 1, 1, 1_000, pages(1, 'a'), Map.of());
    put(0, 2, 2, 2_000, pages(3, 'a'), Map.of(3, 'c'));

    assertThatThrownBy(() -> restore(new Moment.Latest(), false))
        .hasMessageContaining("Page 2 of 3");
    assertThat(output).doesNotExist();
  }

  @Test
  void plansAgainWhenFilesWereMergedMeanwhile() throws Exception {
    put(0, 1, 1, 1_000, pages(2, 'a'), Map.of());
    put(0, 2, 2, 2_000, pages(2, 'a'), Map.of(2, 'b'));
    byte[] merged = file(1, 2, 2_000, pages(2, 'a'), Map.of(2, 'b'));
    AtomicInteger gets = new AtomicInteger();
    ObjectStore compacting =
        new Delegate(store) {
          @Override
          public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
            if (gets.getAndIncrement() == 0) {
              put(request(1, 1, 2, merged)).join();
              delete(List.of(key(0, 1, 1), key(0, 2, 2))).join();
            }
            return super.get(request, sink);
          }
        };

    Restore.run(
        replica(compacting), new Moment.Latest(), output, false, (done, total) -> {}, () -> false);

    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('a', 'b'));
    assertThat(gets).hasValueGreaterThan(2);
  }

  @Test
  void anObjectReplacedUnderItsNameIsNotMixedIn() throws Exception {
    put(0, 1, 1, 1_000, pages(2, 'a'), Map.of());
    AtomicInteger gets = new AtomicInteger();
    byte[] other = file(1, 1, 1_500, pages(2, 'x'), Map.of());
    ObjectStore replacing =
        new Delegate(store) {
          @Override
          public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
            if (gets.getAndIncrement() == 0) {
              put(request(0, 1, 1, other)).join();
            }
            return super.get(request, sink);
          }
        };

    Restore.Result result =
        Restore.run(
            replica(replacing),
            new Moment.Latest(),
            output,
            false,
            (done, total) -> {},
            () -> false);

    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('x', 'x'));
    assertThat(result.timeMillis()).isEqualTo(1_500);
  }

  @Test
  void anInterruptLeavesNothingBehind() throws Exception {
    put(0, 1, 1, 1_000, pages(2, 'a'), Map.of());
    ObjectStore silent =
        new Delegate(store) {
          @Override
          public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
            return new CompletableFuture<>();
          }
        };

    assertThatThrownBy(() ->
            Restore.run(
                replica(silent),
                new Moment.Latest(),
                output,
                false,
                (done, total) -> {},
                () -> true))
        .isInstanceOf(InterruptedIOException.class);
    assertThat(output).doesNotExist();
    assertNothingElseLeft();
  }

  @Test
  void aWrongDatabaseChecksumIsAnError() throws Exception {
    putBytes(0, 1, 1, checksummed(1, 0, pages(2, 'a'), List.of(1, 2), 0));
    long first = checksum(pages(2, 'a'));
    byte[][] second = pages(2, 'a');
    Arrays.fill(second[1], (byte) 'b');
    putBytes(0, 2, 2, checksummed(2, first, second, List.of(2), checksum(second)));
    restore(new Moment.Latest(), false);
    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('a', 'b'));

    putBytes(0, 2, 2, checksummed(2, first, second, List.of(2), checksum(pages(2, 'c'))));
    assertThatThrownBy(() -> restore(new Moment.Latest(), true))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("checksum");

    putBytes(0, 2, 2, checksummed(2, checksum(second), second, List.of(2), checksum(second)));
    assertThatThrownBy(() -> restore(new Moment.Latest(), true))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("was made for a database");
    assertThat(Files.readAllBytes(output)).as("the old one").isEqualTo(bytes('a', 'b'));
  }

  @Test
  void readsFewHeadersForATimeAmongManyFiles() throws Exception {
    put(9, 1, 1, 1_000, pages(1, 'a'), Map.of());
    for (int txid = 2; txid <= 200; txid++) {
      put(0, txid, txid, txid * 1_000L, pages(1, 'a'), Map.of(1, (char) txid));
    }
    AtomicInteger gets = new AtomicInteger();
    ObjectStore counting =
        new Delegate(store) {
          @Override
          public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
            gets.incrementAndGet();
            return super.get(request, sink);
          }

          @Override
          public CompletableFuture<ListPage> list(String prefix, String after, int limit) {
            // As uploaded: a moment after the transaction.
            return super.list(prefix, after, limit)
                .thenApply(page ->
                    new ListPage(
                        page.objects().stream().map(RestoreTest::asUploaded).toList(),
                        page.truncated()));
          }
        };

    Restore.Result result =
        Restore.run(
            replica(counting),
            new Moment.Before(10_001),
            output,
            false,
            (done, total) -> {},
            () -> false);

    assertThat(result.txid()).isEqualTo(new Txid(10));
    // The headers of nine files around the one that the upload times tell (8 to 12, 14, 18, 26,
    // 42);
    // of the seven others of the plan; the ten files.
    assertThat(gets).hasValue(26);
  }

  private static ObjectEntry asUploaded(ObjectEntry e) {
    String name = e.key().substring(e.key().lastIndexOf('-') + 1);
    long txid = Long.parseLong(name.substring(0, 16), 16);
    return new ObjectEntry(e.key(), e.size(), e.etag(), txid * 1_000 + 20);
  }

  @Test
  void aTimeIsExactWhateverTheUploadTimesSay() throws Exception {
    put(0, 1, 1, 1_000, pages(1, 'a'), Map.of());
    put(0, 2, 2, 2_000, pages(1, 'a'), Map.of(1, 'b'));
    put(0, 3, 3, 3_000, pages(1, 'a'), Map.of(1, 'c'));

    restore(new Moment.Before(2_000), false);
    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('a'));
    restore(new Moment.Before(2_001), true);
    assertThat(Files.readAllBytes(output)).isEqualTo(bytes('b'));
    assertThatThrownBy(() -> restore(new Moment.Before(1_000), true))
        .hasMessageContaining("1970-01-01T00:00:01.000Z");
  }

  @Test
  void anEmptyReplicaIsAnErrorAtOnce() {
    assertThatThrownBy(() -> restore(new Moment.Latest(), false))
        .hasMessageContaining("There is no replica at file:///replica");
    assertThatThrownBy(() -> restore(new Moment.At(new Txid(1)), false))
        .hasMessageContaining("There is no replica at file:///replica");
  }

  @Test
  void aTxidInsideAMergedFileNamesTheNearestThatCanBeHad() throws Exception {
    put(9, 1, 2, 1_000, pages(1, 'a'), Map.of());
    put(1, 3, 6, 2_000, pages(1, 'a'), Map.of(1, 'b'));

    assertThatThrownBy(() -> restore(new Moment.At(new Txid(4)), false))
        .hasMessageContaining("the nearest before it is 0000000000000002")
        .hasMessageContaining("the nearest after it is 0000000000000006");
  }

  private void assertNothingElseLeft() throws IOException {
    try (var files = Files.list(folder)) {
      assertThat(files.filter(file -> !file.equals(output))).isEmpty();
    }
  }

  private Restore.Result restore(Moment point, boolean replace) throws IOException {
    return Restore.run(replica(store), point, output, replace, (done, total) -> {}, () -> false);
  }

  private static OpenReplica replica(ObjectStore store) throws IOException {
    return new OpenReplica(ReplicaUrl.parse("file:///replica", name -> null), store);
  }

  private static byte[][] pages(int count, char fill) {
    byte[][] pages = new byte[count][PAGE];
    for (byte[] page : pages) {
      Arrays.fill(page, (byte) fill);
    }
    return pages;
  }

  private static byte[] bytes(char... fills) {
    byte[] bytes = new byte[fills.length * PAGE];
    for (int i = 0; i < fills.length; i++) {
      Arrays.fill(bytes, i * PAGE, (i + 1) * PAGE, (byte) fills[i]);
    }
    return bytes;
  }

  private void put(
      int level, int min, int max, long millis, byte[][] size, Map<Integer, Character> changes)
      throws Exception {
    putBytes(level, min, max, file(min, max, millis, size, changes));
  }

  private void putBytes(int level, int min, int max, byte[] bytes) {
    store.put(request(level, min, max, bytes)).join();
  }

  private static PutRequest request(int level, int min, int max, byte[] bytes) {
    return new PutRequest(
        key(level, min, max),
        PutRequest.Content.of(bytes),
        new PutRequest.Condition.Always(),
        Map.of());
  }

  private static String key(int level, int min, int max) {
    return Layout.DECIMAL.key(level, new Txid(min), new Txid(max));
  }

  /** A file of all pages of the database if it begins at 1, with changes; else of the changes. */
  private static byte[] file(
      int min, int max, long millis, byte[][] base, Map<Integer, Character> changes)
      throws IOException, LtxException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LtxHeader header =
        new LtxHeader(
            LtxHeader.NO_CHECKSUM,
            PAGE,
            base.length,
            new Txid(min),
            new Txid(max),
            millis,
            0,
            0,
            0,
            0,
            0,
            0);
    LtxWriter writer = new LtxWriter(out, header);
    for (int pgno = 1; pgno <= base.length; pgno++) {
      Character fill = changes.get(pgno);
      if (fill != null) {
        writer.page(pgno, pages(1, fill)[0]);
      } else if (min == 1) {
        writer.page(pgno, base[pgno - 1]);
      }
    }
    writer.finish();
    return out.toByteArray();
  }

  private static byte[] checksummed(
      int txid, long before, byte[][] pages, List<Integer> written, long after)
      throws IOException, LtxException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    LtxHeader header =
        new LtxHeader(
            0, PAGE, pages.length, new Txid(txid), new Txid(txid), 1_000, before, 0, 0, 0, 0, 0);
    LtxWriter writer = new LtxWriter(out, header);
    for (int pgno : written) {
      writer.page(pgno, pages[pgno - 1]);
    }
    if (after == 0) {
      writer.finish();
    } else {
      writer.finish(after);
    }
    return out.toByteArray();
  }

  private static long checksum(byte[][] pages) {
    long sum = PageChecksum.EMPTY_DATABASE;
    for (int i = 0; i < pages.length; i++) {
      sum = PageChecksum.toggle(sum, PageChecksum.of(i + 1, pages[i], 0, PAGE));
    }
    return sum;
  }

  /** Passes everything on; a test overrides what it disturbs. */
  private static class Delegate implements ObjectStore {
    private final ObjectStore store;

    Delegate(ObjectStore store) {
      this.store = store;
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
      return store.list(prefix, startAfter, limit);
    }

    @Override
    public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
      return store.get(request, sink);
    }

    @Override
    public CompletableFuture<ObjectVersion> put(PutRequest request) {
      return store.put(request);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
      return store.delete(keys);
    }

    @Override
    public void close() {
      store.close();
    }
  }
}
