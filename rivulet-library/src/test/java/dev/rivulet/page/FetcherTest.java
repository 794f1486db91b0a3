package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.StoreException;
import dev.rivulet.store.StoreException.Kind;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Ranges under way, and what their readers see of them. */
class FetcherTest {
  private final Lab lab = new Lab(Lab.dense(60));
  private final IndexedFile file = lab.index(lab.replica.file(0, 1, 1));
  private final View view = Lab.view(file);

  private RangePlanner.Range range(int first, int end) {
    return new RangePlanner.Range(file, first, end, List.of());
  }

  private RangeFetch require(int rank, int first, int end) throws IOException {
    return lab.fetcher.require(new FrameRef(file, rank), range(first, end), view.map());
  }

  private static CompletableFuture<Void> waiter(RangeFetch fetch, int rank) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        new Thread(() -> {
          try {
            fetch.await(rank, Lab.NEVER);
            done.complete(null);
          } catch (IOException | RuntimeException e) {
            done.completeExceptionally(e);
          }
        });
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private static void isDone(CompletableFuture<Void> waiter) throws Exception {
    waiter.get(30, TimeUnit.SECONDS);
  }

  @Test
  void aReaderIsWokenByItsOwnFrameAndNotByTheEndOfTheRange() throws Exception {
    lab.store.hold(request -> true);
    RangeFetch fetch = require(3, 0, 20);
    CompletableFuture<Void> early = waiter(fetch, 3);
    CompletableFuture<Void> late = waiter(fetch, 12);
    RecordingStore.Held request = lab.store.held().getFirst();
    request.deliver((int) (file.index().offset(4) - file.index().offset(0)));
    isDone(early);
    assertThat(lab.store.held()).hasSize(1); // it still runs
    assertThat(lab.cache.contains(file.id(), 4)).isTrue();
    assertThat(lab.cache.contains(file.id(), 5)).isFalse();
    assertThat(late).isNotDone();
    request.finish();
    isDone(late);
  }

  @Test
  void aFrameCutByTheEndOfANetworkReadIsPutTogether() throws Exception {
    lab.store.hold(request -> true);
    var _ = require(0, 0, 6);
    RecordingStore.Held request = lab.store.held().getFirst();
    for (int i = 0; i < 100; i++) {
      request.deliver(i % 7 == 0 ? 1 : 113);
    }
    request.finish();
    for (int pgno = 1; pgno <= 6; pgno++) {
      assertThat(Lab.read(lab.reader(), view, pgno)).isEqualTo(lab.replica.page(1, pgno));
    }
    assertThat(lab.store.gets()).isEqualTo(1);
  }

  @Test
  void whoWaitsForARequestThatFoundNoMemoryIsTold() throws Exception {
    AtomicBoolean full = new AtomicBoolean(true);
    lab.store.hold(request -> {
      if (full.get()) {
        throw new OutOfMemoryError("planted");
      }
      return false;
    });
    RangeFetch fetch = require(3, 0, 20);
    assertThatThrownBy(() -> isDone(waiter(fetch, 3)))
        .hasRootCauseInstanceOf(OutOfMemoryError.class);
    full.set(false);
    assertThat(Lab.read(lab.reader(), view, 4)).isEqualTo(lab.replica.page(1, 4));
  }

  @Test
  void missesOfOneRangeAreOneRequest() throws Exception {
    lab.store.hold(request -> true);
    RangeFetch first = require(5, 0, 20);
    for (int rank = 0; rank < 20; rank++) {
      assertThat(require(rank, rank, rank + 1)).isSameAs(first);
    }
    assertThat(require(20, 20, 21)).isNotSameAs(first);
    assertThat(lab.store.gets()).isEqualTo(2);
  }

  @Test
  void threadsThatMissTheSamePageAtOnceMakeOneRequest() throws Exception {
    lab.store.hold(request -> true);
    List<Future<byte[]>> reads = new ArrayList<>();
    try (var pool = Executors.newFixedThreadPool(8)) {
      for (int i = 0; i < 8; i++) {
        Callable<byte[]> read = () -> Lab.read(lab.reader(), view, 17);
        reads.add(pool.submit(read));
      }
      while (lab.stats.waits() < 8) {
        Thread.onSpinWait();
      }
      assertThat(lab.store.held()).hasSize(1);
      lab.store.held().getFirst().finish();
      for (Future<byte[]> read : reads) {
        assertThat(read.get(30, TimeUnit.SECONDS)).isEqualTo(lab.replica.page(1, 17));
      }
    }
    assertThat(lab.store.gets()).isEqualTo(1);
  }

  @Test
  void aCutBodyFailsOnlyThoseWhoseFrameDidNotCome() throws Exception {
    lab.store.cutNext(request -> true, file.index().offset(5) - file.index().offset(0));
    RangeFetch fetch = require(8, 0, 20);
    fetch.await(4, Lab.NEVER);
    assertThatThrownBy(() -> fetch.await(8, Lab.NEVER))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TEMPORARY));
    // It works again afterwards, and what came is not asked for again.
    assertThat(Lab.read(lab.reader(), view, 9)).isEqualTo(lab.replica.page(1, 9));
    assertThat(Lab.read(lab.reader(), view, 5)).isEqualTo(lab.replica.page(1, 5));
    assertThat(lab.store.gets()).isEqualTo(2);
  }

  /** The same file with a byte of a frame changed behind its index's back. */
  private IndexedFile damaged(int rank) {
    long inside = file.index().offset(rank) + file.index().size(rank) / 2;
    LtxFile changed = lab.replica.damage(file.file(), inside, 0xff);
    // Random pages are stored as literals: a changed byte would decode. So cut the frame's length.
    changed = lab.replica.damage(changed, file.index().offset(rank) + 9, 0x0f);
    return new IndexedFile(file.id() + (1L << 50), changed, file.header(), file.index());
  }

  @Test
  void aDamagedFrameHurtsOnlyWhoWantsIt() throws Exception {
    IndexedFile bad = damaged(5);
    View damagedView = Lab.view(bad);
    for (int pgno = 1; pgno <= 20; pgno++) {
      int wanted = pgno;
      if (pgno == 6) {
        assertThatThrownBy(() -> Lab.read(lab.reader(), damagedView, wanted))
            .isInstanceOf(DamagedFileException.class)
            .hasMessageContaining(bad.file().key())
            .hasMessageContaining("page 6");
      } else {
        assertThat(Lab.read(lab.reader(), damagedView, pgno)).isEqualTo(lab.replica.page(1, pgno));
      }
    }
  }

  @Test
  void whoWaitedBesideADamagedFrameGetsHisOwn() throws Exception {
    IndexedFile bad = damaged(5);
    lab.store.hold(request -> true);
    RangeFetch fetch =
        lab.fetcher.require(
            new FrameRef(bad, 2),
            new RangePlanner.Range(bad, 0, 10, List.of()),
            Lab.view(bad).map());
    CompletableFuture<Void> before = waiter(fetch, 2);
    CompletableFuture<Void> after = waiter(fetch, 9);
    CompletableFuture<Void> itself = waiter(fetch, 5);
    lab.store.held().getFirst().finish();
    isDone(before);
    isDone(after);
    assertThatThrownBy(() -> isDone(itself))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(DamagedFileException.class);
  }

  @Test
  void aReplacedOrDeletedObjectIsStale() {
    lab.replica.damage(file.file(), 200, 1);
    assertThatThrownBy(() -> Lab.read(lab.reader(), view, 1))
        .isInstanceOf(StaleFileException.class)
        .hasMessageContaining(file.file().key());
    lab.replica.delete(0, 1, 1);
    assertThatThrownBy(() -> Lab.read(lab.reader(), view, 1))
        .isInstanceOf(StaleFileException.class);
  }

  @Test
  void aWaitEndsWhenSqliteIsInterrupted() throws Exception {
    lab.store.hold(request -> true);
    RangeFetch fetch = require(3, 0, 20);
    AtomicBoolean interrupted = new AtomicBoolean(true);
    assertThatThrownBy(() -> fetch.await(3, interrupted::get))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessageContaining("sqlite3_interrupt");
    // The request runs on for the next reader.
    assertThat(lab.store.held().getFirst().isCancelled()).isFalse();
    lab.store.held().getFirst().finish();
    fetch.await(3, interrupted::get);
  }

  @Test
  void aWaitEndsWhenItsThreadIsInterrupted() throws Exception {
    lab.store.hold(request -> true);
    RangeFetch fetch = require(3, 0, 20);
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> fetch.await(3, Lab.NEVER)).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void closingCancelsRequestsAndWakesTheirReaders() throws Exception {
    lab.store.hold(request -> true);
    CompletableFuture<Void> waiter = waiter(require(3, 0, 20), 3);
    RecordingStore.Held request = lab.store.held().getFirst();
    lab.fetcher.close();
    assertThat(request.isCancelled()).isTrue();
    assertThatThrownBy(() -> isDone(waiter))
        .hasCauseInstanceOf(InterruptedIOException.class)
        .hasMessageContaining("the database was closed");
    assertThatThrownBy(() -> require(30, 30, 31))
        .isInstanceOf(InterruptedIOException.class)
        .hasMessage("the database was closed");
    lab.fetcher.fetchAhead(List.of(range(40, 41)), view.map());
    assertThat(lab.store.gets()).isEqualTo(1);
  }

  @Test
  void whatIsFetchedAheadWaitsForAPlaceButNotOnceItIsWanted() throws Exception {
    lab.store.hold(request -> true);
    List<RangePlanner.Range> ranges = new ArrayList<>();
    for (int rank = 0; rank < Fetcher.PARALLEL_SHORT + 3; rank++) {
      ranges.add(range(rank, rank + 1));
    }
    lab.fetcher.fetchAhead(ranges, view.map());
    assertThat(lab.store.gets()).isEqualTo(Fetcher.PARALLEL_SHORT);
    assertThat(lab.fetcher.has(new FrameRef(file, Fetcher.PARALLEL_SHORT + 2))).isTrue();

    RangeFetch last = require(Fetcher.PARALLEL_SHORT + 2, 0, 40);
    assertThat(lab.store.gets()).isEqualTo(Fetcher.PARALLEL_SHORT + 1);
    for (int i = 0; i < Fetcher.PARALLEL_SHORT + 3; i++) {
      lab.store.held().getFirst().finish();
    }
    last.await(Fetcher.PARALLEL_SHORT + 2, Lab.NEVER);
    assertThat(lab.store.held()).isEmpty();
    assertThat(lab.store.gets()).as("nothing twice").isEqualTo(Fetcher.PARALLEL_SHORT + 3);
  }

  @Test
  void whatHasNotBegunIsGivenUpWhenThereIsNoReader() throws Exception {
    lab.store.hold(request -> true);
    List<RangePlanner.Range> ranges = new ArrayList<>();
    for (int rank = 0; rank < Fetcher.PARALLEL_SHORT + 4; rank++) {
      ranges.add(range(rank, rank + 1));
    }
    lab.fetcher.fetchAhead(ranges, view.map());
    RangeFetch needed = require(Fetcher.PARALLEL_SHORT + 1, 0, 40);
    lab.fetcher.forgetAhead();
    assertThat(lab.fetcher.has(new FrameRef(file, Fetcher.PARALLEL_SHORT + 2))).isFalse();
    while (!lab.store.held().isEmpty()) {
      lab.store.held().getFirst().finish();
    }
    needed.await(Fetcher.PARALLEL_SHORT + 1, Lab.NEVER);
    assertThat(lab.store.gets()).isEqualTo(Fetcher.PARALLEL_SHORT + 1);
    lab.store.hold(request -> false);
    assertThat(Lab.read(lab.reader(), view, 52)).isEqualTo(lab.replica.page(1, 52));
  }

  @Test
  void aFailedFetchAheadLeavesItsPlaceAndIsTriedAgainByWhoWantsIt() throws Exception {
    for (int i = 0; i < Fetcher.PARALLEL; i++) {
      lab.store.failNext(request -> true, Kind.TEMPORARY);
      lab.fetcher.fetchAhead(List.of(range(i, i + 1)), view.map());
    }
    assertThat(lab.fetcher.has(new FrameRef(file, 0))).isFalse();
    lab.fetcher.fetchAhead(List.of(range(50, 51)), view.map());
    assertThat(lab.fetcher.has(new FrameRef(file, 50))).isTrue();
    assertThat(Lab.read(lab.reader(), view, 1)).isEqualTo(lab.replica.page(1, 1));
  }

  @Test
  void aFrameThatIsNotLiveInTheRangesMapIsReadAllTheSame() throws Exception {
    lab.replica.touch(60, 4);
    IndexedFile newer = lab.index(lab.replica.file(0, 2, 2));
    View now = Lab.view(file, newer);
    lab.store.hold(request -> request.key().equals(file.file().key()));
    // A reader of the newer view fetches a range that has the old page 4, which is dead to it.
    lab.fetcher.fetchAhead(List.of(range(0, 10)), now.map());
    Thread opener =
        new Thread(() -> {
          while (lab.stats.waits() < 1) {
            Thread.onSpinWait();
          }
          lab.store.hold(request -> false);
          lab.store.held().getFirst().finish();
        });
    opener.start();
    assertThat(Lab.read(lab.reader(), view, 4)).isEqualTo(lab.replica.page(1, 4));
    opener.join();
    assertThat(Lab.read(lab.reader(), now, 4)).isEqualTo(lab.replica.page(2, 4));
  }

  @Test
  void framesThatAreDeadInTheRangesMapDoNotTakeRoomInTheCache() throws Exception {
    lab.replica.touch(60, 4);
    View now = Lab.view(file, lab.index(lab.replica.file(0, 2, 2)));
    lab.fetcher.fetchAhead(List.of(range(0, 10)), now.map());
    assertThat(lab.cache.contains(file.id(), 3)).isTrue();
    assertThat(lab.cache.contains(file.id(), 4)).isFalse();
  }

  @Test
  void aCacheTooSmallForItsReadersStillGivesThePage() throws Exception {
    PageCache full = new PageCache(1 << 20);
    List<CacheSlot> busy = new ArrayList<>();
    for (int pgno = 1; pgno < 5000; pgno++) {
      CacheSlot slot = full.acquire(7, pgno, 4096, Worth.NEAR);
      if (slot != null) {
        busy.add(slot); // every slot of the cache is being filled by somebody
      }
    }
    assertThat(busy).hasSize(256);
    Fetcher fetcher = new Fetcher(lab.store, full, lab.hints, Lab.FAR, lab.stats, null);
    PageReader reader =
        new PageReader(
            full,
            new WholeFiles(lab.store, full, lab.hints, lab.stats, Runnable::run),
            fetcher,
            lab.stats,
            new Readahead(fetcher, full, lab.hints, Lab.FAR));
    for (int pgno : new int[] {1, 30, 60}) {
      assertThat(Lab.read(reader, view, pgno)).isEqualTo(lab.replica.page(1, pgno));
    }
  }

  @Test
  void aPartOfAPageIsThatPart() throws Exception {
    ReplicaBuilder replica = lab.replica;
    long buffer = dev.rivulet.natives.NativeMemory.allocate(16);
    lab.reader().read(view, file, 1, 24, 16, buffer, Lab.NEVER);
    byte[] got = new byte[16];
    dev.rivulet.natives.NativeMemory.read(buffer, got, 0, 16);
    dev.rivulet.natives.NativeMemory.free(buffer);
    assertThat(got).isEqualTo(java.util.Arrays.copyOfRange(replica.page(1, 1), 24, 40));
  }
}
