package dev.rivulet.page;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/** A replica, a store that records, and the parts of this package put together around them. */
final class Lab {
  static final BooleanSupplier NEVER = () -> false;

  /** The latency and bandwidth for which the figures in Javadoc are: 2.1 MB a round trip. */
  static final NetworkModel FAR = NetworkModel.fixed(0.025, 85e6);

  private static final AtomicLong IDS = new AtomicLong(1L << 40);

  final ReplicaBuilder replica;
  final RecordingStore store;
  final PageCache cache = new PageCache(32 << 20);

  /** Where the pages of files go that are only to be indexed. */
  private final PageCache aside = new PageCache(1 << 20);

  final FetchStats stats = new FetchStats();
  final TreeHints hints = new TreeHints();
  final Fetcher fetcher;

  Lab(ReplicaBuilder replica) {
    this.replica = replica;
    this.store = new RecordingStore(replica.store());
    this.fetcher = new Fetcher(store, cache, hints, FAR, stats, null);
  }

  /** The file with its index, but none of its pages in {@link #cache}. */
  IndexedFile index(LtxFile file) {
    return new FileLoader(
            replica.store(),
            aside,
            new TreeHints(),
            FAR,
            new FetchStats(),
            new WholeFiles(
                replica.store(), aside, new TreeHints(), new FetchStats(), Runnable::run))
        .load(file, FileLoader.Place.ALONE)
        .join();
  }

  /** A view of files, oldest first. */
  static View view(IndexedFile... files) {
    PageMap map = PageMap.EMPTY;
    List<LtxFile> plan = new ArrayList<>();
    for (IndexedFile file : files) {
      map = map.with(file);
      plan.add(file.file());
    }
    LtxHeader last = files[files.length - 1].header();
    return new View(
        1,
        last.maxTxid(),
        last.timestampMillis(),
        last.pageSize(),
        last.commit(),
        map,
        new Plan(plan));
  }

  PageReader reader() {
    return new PageReader(
        cache,
        new WholeFiles(store, cache, hints, stats, Runnable::run),
        fetcher,
        stats,
        new Readahead(fetcher, cache, hints, FAR));
  }

  /** A page of a view, through a reader. */
  static byte[] read(PageReader reader, View view, int pgno) throws IOException {
    long buffer = NativeMemory.allocate(view.pageSize());
    try {
      IndexedFile file = view.map().find(pgno);
      if (file == null) {
        throw new IllegalArgumentException("no page " + pgno);
      }
      reader.read(view, file, pgno, 0, view.pageSize(), buffer, NEVER);
      byte[] page = new byte[view.pageSize()];
      NativeMemory.read(buffer, page, 0, page.length);
      return page;
    } finally {
      NativeMemory.free(buffer);
    }
  }

  /** A file that lies nowhere, with the frames of these pages, for what needs only an index. */
  static IndexedFile nowhere(int commit, long txid, int... pgnos) {
    int pageSize = 512;
    try {
      LtxHeader header =
          new LtxHeader(
              LtxHeader.NO_CHECKSUM,
              pageSize,
              commit,
              new Txid(txid),
              new Txid(txid),
              txid,
              0,
              0,
              0,
              0,
              0,
              0);
      LtxWriter writer = new LtxWriter(OutputStream.nullOutputStream(), header);
      byte[] page = new byte[pageSize];
      for (int pgno : pgnos) {
        if (pgno != PageSize.lockPage(pageSize)) {
          writer.page(pgno, page);
        }
      }
      LtxWriter.Result result = writer.finish();
      LtxFile file =
          new LtxFile(0, header.minTxid(), header.maxTxid(), "k" + txid, result.size(), "e", 0);
      return new IndexedFile(IDS.getAndIncrement(), file, header, result.index());
    } catch (LtxException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A replica whose one file has pages that do not compress, so that frames are about a page. */
  static ReplicaBuilder dense(int pages) {
    ReplicaBuilder replica = new ReplicaBuilder(4096);
    java.util.Random random = new java.util.Random(11);
    byte[] database = new byte[pages * 4096];
    random.nextBytes(database);
    replica.database(database);
    return replica;
  }
}
