package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxTrailer;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.PutRequest;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BooleanSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plans of several files that are read whole, and rewrite each other's pages. */
class WholeFilesTest {
  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final RecordingStore store = new RecordingStore(replica.store());
  private final PageCache cache = new PageCache(32 << 20);
  private final ReplicaPages pages = new ReplicaPages(store, cache, Lab.FAR);

  @BeforeEach
  void threeFilesOverEachOther() {
    replica.touch(600, IntStream.rangeClosed(1, 600).toArray());
    replica.touch(600, IntStream.rangeClosed(1, 500).toArray());
    replica.touch(600, 7, 8, 9);
  }

  private LtxFile file(int txid) {
    return replica.file(0, txid, txid);
  }

  private static long cached(PageCache cache, IndexedFile file) {
    return IntStream.rangeClosed(1, 600).filter(pgno -> cache.contains(file.id(), pgno)).count();
  }

  @Test
  void onlyThePagesThatAViewNeedsAreKept() throws Exception {
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    assertThat(store.gets()).isEqualTo(3);
    List<IndexedFile> loaded = pages.load(view.plan()).join();
    await(() -> loaded.stream().noneMatch(IndexedFile::awaitsChecksum));
    assertThat(cached(cache, loaded.get(0))).isEqualTo(100);
    assertThat(cached(cache, loaded.get(1))).isEqualTo(497);
    assertThat(cached(cache, loaded.get(2))).isEqualTo(3);
    assertThat(pages.heldBytes()).isZero();
    for (int pgno = 1; pgno <= 600; pgno++) {
      assertThat(Lab.read(pages.reader(), view, pgno)).isEqualTo(replica.page(3, pgno));
    }
    assertThat(store.gets()).as("all of it was there").isEqualTo(3);
  }

  /** Wherever it is: what comes is right, or nothing does. */
  @Test
  void noPageIsServedOfAFileWithAFlippedByte() throws Exception {
    LtxFile good = file(2);
    byte[] bytes = replica.bytes(good);
    FrameIndex index = pages.load(new Plan(List.of(file(1), good))).join().get(1).index();
    int noticed = 0;
    for (int offset = 0; offset < bytes.length; offset += 29) {
      LtxFile bad = replica.damage(good, offset, 0x10);
      ReplicaPages others = new ReplicaPages(store, new PageCache(1 << 20), Lab.FAR);
      int flipped = Math.min(index.rankAtOffset(offset), index.count() - 1);
      for (int pgno : new int[] {index.pgno(flipped), 1, 500}) {
        try {
          View view = others.view(new Plan(List.of(file(1), bad, file(3))), 1).join();
          assertThat(Lab.read(others.reader(), view, pgno))
              .as("page %d, the byte at %d", pgno, offset)
              .isEqualTo(replica.page(3, pgno));
        } catch (DamagedFileException e) {
          noticed++;
        } catch (CompletionException e) {
          assertThat(e).hasCauseInstanceOf(DamagedFileException.class);
          noticed++;
        }
      }
      others.close();
      var _ = replica.put(0, 2, 2, bytes);
    }
    assertThat(noticed).isGreaterThan(bytes.length / 29 * 9 / 10);
  }

  /** Else the version that an older file has would be taken for the page. */
  @Test
  void anIndexThatNamesAnotherPageThanItsFrameIsNotBelieved() throws Exception {
    LtxFile good = file(2);
    byte[] bytes = replica.bytes(good);
    for (int fromEnd = 64; fromEnd > LtxTrailer.TAIL_SIZE; fromEnd--) {
      LtxFile bad = replica.damage(good, -fromEnd, 1);
      ReplicaPages others = new ReplicaPages(store, new PageCache(1 << 20), Lab.FAR);
      assertThatThrownBy(() -> others.view(new Plan(List.of(file(1), bad, file(3))), 1).join())
          .as("the byte %d before the end", fromEnd)
          .hasCauseInstanceOf(DamagedFileException.class);
      var _ = replica.put(0, 2, 2, bytes);
    }
  }

  @Test
  void nothingIsAskedForOfAFileThatIsHeld() {
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    IndexedFile known = pages.load(view.plan()).join().get(1);
    IndexedFile file = IndexedFile.unproven(1_000, known.file(), known.header(), known.index());
    Fetcher fetcher = new Fetcher(store, cache, new TreeHints(), Lab.FAR, new FetchStats(), null);
    FrameRef frame = new FrameRef(file, 0);
    assertThat(fetcher.has(frame)).isTrue();
    assertThat(fetcher.willHave(frame)).isTrue();
    file.proven();
    assertThat(fetcher.has(frame)).isFalse();
    assertThat(fetcher.willHave(frame)).isFalse();
  }

  @Test
  void theOtherFilesOfThePlanAreReadAllTheSame() throws Exception {
    LtxFile bad = replica.damage(file(2), file(2).size() / 2, 0x10);
    View view = pages.view(new Plan(List.of(file(1), bad, file(3))), 1).join();
    assertThatThrownBy(() -> Lab.read(pages.reader(), view, 1))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining(bad.key());
    assertThat(Lab.read(pages.reader(), view, 7)).isEqualTo(replica.page(3, 7));
    assertThat(Lab.read(pages.reader(), view, 600)).isEqualTo(replica.page(3, 600));
  }

  @Test
  void whatWasDamagedOnItsWayIsReadAgainAndServed() throws Exception {
    FlipsOnce flipping = new FlipsOnce(store, file(2).key(), file(2).size() / 2);
    ReplicaPages others = new ReplicaPages(flipping, cache, Lab.FAR);
    View view = others.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    assertThatThrownBy(() -> Lab.read(others.reader(), view, 1))
        .isInstanceOf(DamagedFileException.class);
    for (int pgno = 1; pgno <= 600; pgno++) {
      assertThat(Lab.read(others.reader(), view, pgno)).isEqualTo(replica.page(3, pgno));
    }
    assertThat(store.gets()).as("the three, and one of them again").isEqualTo(4);
  }

  @Test
  void ofMoreThanIsHeldAFileIsReadAgainWholeAndProven() throws Exception {
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    IndexedFile known = pages.load(view.plan()).join().get(1);
    IndexedFile file = IndexedFile.unproven(1_000, known.file(), known.header(), known.index());
    View one = Lab.view(file);
    WholeFiles whole =
        new WholeFiles(store, cache, new TreeHints(), new FetchStats(), Runnable::run);
    store.forget();
    whole.prove(file, one.map(), Lab.NEVER);
    whole.prove(file, one.map(), Lab.NEVER);
    assertThat(store.gets()).isEqualTo(1);
    assertThat(cached(cache, file)).isEqualTo(500);
    replica.damage(file.file(), file.file().size() / 2, 0x10);
    IndexedFile other = IndexedFile.unproven(1_001, file(2), known.header(), known.index());
    assertThatThrownBy(() -> whole.prove(other, Lab.view(other).map(), Lab.NEVER))
        .isInstanceOf(DamagedFileException.class);
    assertThat(cached(cache, other)).isZero();
  }

  @Test
  void anIndexThatIsNotThatOfTheBytesReadAgainIsNoticed() {
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    List<IndexedFile> known = pages.load(view.plan()).join();
    IndexedFile file =
        IndexedFile.unproven(1_000, file(2), known.get(1).header(), known.get(2).index());
    WholeFiles whole =
        new WholeFiles(store, cache, new TreeHints(), new FetchStats(), Runnable::run);
    assertThatThrownBy(() -> whole.prove(file, Lab.view(file).map(), Lab.NEVER))
        .isInstanceOf(DamagedFileException.class)
        .hasMessageContaining("index");
    assertThat(cached(cache, file)).isZero();
  }

  @Test
  void whatIsHeldNeedsNoRequestToBeCopied() {
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    LtxFile bad = replica.damage(file(2), file(2).size() / 2, 0x10);
    ReplicaPages others = new ReplicaPages(store, new PageCache(1 << 20), Lab.FAR);
    View damaged = others.view(new Plan(List.of(file(1), bad, file(3))), 1).join();
    store.forget();
    long to = NativeMemory.allocate(512);
    try {
      assertThat(pages.copyHeld(holder(view), 1, view.map(), to)).isTrue();
      assertThat(others.copyHeld(holder(damaged), 1, damaged.map(), to)).isFalse();
    } finally {
      NativeMemory.free(to);
    }
    assertThat(store.gets()).isZero();
  }

  @Test
  void theLastFileIsVerifiedBeforeItSaysHowManyPagesThereAre() {
    LtxFile bad = replica.damage(file(2), 13, 0x10); // the commit: a million pages more
    assertThatThrownBy(() -> pages.view(new Plan(List.of(file(1), bad)), 1).join())
        .hasCauseInstanceOf(DamagedFileException.class);
  }

  @Test
  void aFileOfFewPagesIsVerifiedBeforeAnythingOfItIsBelieved() {
    // A bit in the middle of a frame: still a frame, perhaps of another content.
    LtxFile bad = replica.damage(file(3), file(3).size() / 2, 0x10);
    assertThatThrownBy(() -> pages.view(new Plan(List.of(file(1), file(2), bad)), 1).join())
        .hasCauseInstanceOf(DamagedFileException.class);
  }

  @Test
  void whatIsHeldForViewsToComeIsBounded() {
    WholeFiles whole =
        new WholeFiles(store, cache, new TreeHints(), new FetchStats(), Runnable::run);
    View view = pages.view(new Plan(List.of(file(1))), 1).join();
    LtxHeader header = pages.load(view.plan()).join().getFirst().header();
    var index = pages.load(view.plan()).join().getFirst().index();
    for (int id = 1_000; id < 1_040; id++) {
      whole.put(new IndexedFile(id, file(1), header, index), new byte[1 << 20]);
    }
    assertThat(whole.heldBytes()).isEqualTo(16 << 20);
    whole.drop(new IndexedFile(1_039, file(1), header, index));
    assertThat(whole.heldBytes()).isEqualTo(15 << 20);
  }

  @Test
  void ofAFileThatTheViewDoesNotNeedNothingIsHeld() throws Exception {
    replica.touch(600, IntStream.rangeClosed(1, 600).toArray());
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3), file(4))), 1).join();
    assertThat(pages.heldBytes()).isZero();
    View before = pages.view(new Plan(List.of(file(1), file(2), file(3))), 2).join();
    store.forget();
    assertThat(Lab.read(pages.reader(), before, 1)).isEqualTo(replica.page(3, 1));
    assertThat(Lab.read(pages.reader(), before, 500)).isEqualTo(replica.page(3, 500));
    assertThat(Lab.read(pages.reader(), view, 500)).isEqualTo(replica.page(4, 500));
    assertThat(store.gets()).as("one of them, whole").isEqualTo(1);
  }

  @Test
  void ofAPlanThatCannotBeReadNothingIsHeld() {
    LtxFile gone = file(3);
    replica.delete(0, 3, 3);
    Plan plan = new Plan(List.of(file(1), file(2), gone));
    assertThatThrownBy(() -> pages.view(plan, 1).join())
        .hasCauseInstanceOf(StaleFileException.class);
    assertThat(pages.heldBytes()).isZero();
  }

  /** The file that has page 1. */
  private static IndexedFile holder(View view) {
    return Objects.requireNonNull(view.map().find(1));
  }

  private static void await(BooleanSupplier done) throws InterruptedException {
    for (int i = 0; i < 1_000 && !done.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertThat(done.getAsBoolean()).isTrue();
  }

  /** Changes a byte of what is read of one object, the first time. */
  private static final class FlipsOnce implements ObjectStore {
    private final ObjectStore store;
    private final String key;
    private final long at;
    private boolean flipped;

    FlipsOnce(ObjectStore store, String key, long at) {
      this.store = store;
      this.key = key;
      this.at = at;
    }

    @Override
    public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
      if (flipped || !request.key().equals(key)) {
        return store.get(request, sink);
      }
      flipped = true;
      long[] next = {request.range().offset()};
      return store.get(
          request,
          (bytes, offset, length) -> {
            byte[] changed = Arrays.copyOfRange(bytes, offset, offset + length);
            if (next[0] <= at && at < next[0] + length) {
              changed[(int) (at - next[0])] ^= 0x10;
            }
            next[0] += length;
            sink.accept(changed, 0, length);
          });
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
      return store.list(prefix, startAfter, limit);
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
