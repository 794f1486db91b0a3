package dev.rivulet.page;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.store.ObjectStore;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The pages of one replica: makes views of plans, and readers of views.
 *
 * <p>Thread-safe. Files once indexed are remembered, so that a new plan, and a way back to a moment
 * already visited, costs requests only for files not seen before.
 */
public final class ReplicaPages {
  /**
   * Indexes remembered, in bytes; those of living views stay reachable through them anyway. 16 MiB
   * are the indexes of a 6 GB snapshot and of some thousand small files.
   */
  private static final long INDEX_BYTES = 16L << 20;

  /** Roots fetched ahead: a request each at worst, all in the time of one. */
  private static final int ROOTS = 16;

  private final PageCache cache;
  private final TreeHints hints = new TreeHints();
  private final NetworkModel network;
  private final FetchStats stats = new FetchStats();
  private final Fetcher fetcher;
  private final FileLoader loader;

  /** Least recently used first. Guarded by itself. */
  private final Map<LtxFile, CompletableFuture<IndexedFile>> files =
      new LinkedHashMap<>(64, 0.75f, true);

  private long indexBytes;

  /** Pages of the replica in {@code store}, kept in {@code cache}. */
  public ReplicaPages(ObjectStore store, PageCache cache) {
    this(store, cache, new NetworkModel());
  }

  /** The same with a network model of the caller's. */
  public ReplicaPages(ObjectStore store, PageCache cache, NetworkModel network) {
    this.cache = cache;
    this.network = network;
    this.fetcher = new Fetcher(store, cache, hints, network, stats);
    this.loader = new FileLoader(store, cache, hints, network, stats);
  }

  /** A reader for one connection. */
  public PageReader reader() {
    return new PageReader(
        cache, fetcher, stats, new Readahead(fetcher, hints, network, cache.budget()));
  }

  public FetchStats stats() {
    return stats;
  }

  public NetworkModel network() {
    return network;
  }

  /**
   * The view of a plan. All files not known yet are read at once.
   *
   * @param number the view's number
   * @return fails with {@link StaleFileException} if the plan's files are no longer there, {@link
   *     DamagedFileException}, or a {@link dev.rivulet.store.StoreException}
   */
  public CompletableFuture<View> view(Plan plan, int number) {
    List<CompletableFuture<IndexedFile>> loading = new ArrayList<>();
    for (LtxFile file : plan.files()) {
      loading.add(indexed(file));
    }
    return CompletableFuture.allOf(loading.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> assemble(plan, number, loading));
  }

  private static View assemble(Plan plan, int number, List<CompletableFuture<IndexedFile>> loaded) {
    PageMap map = PageMap.EMPTY;
    LtxHeader last = null;
    for (CompletableFuture<IndexedFile> future : loaded) {
      IndexedFile file = future.join();
      if (last != null && last.pageSize() != file.header().pageSize()) {
        throw new CompletionException(
            new DamagedFileException(
                file.file(),
                "its page size is "
                    + file.header().pageSize()
                    + ", that of the files before it "
                    + last.pageSize()));
      }
      map = map.with(file);
      last = file.header();
    }
    if (last == null) {
      throw new IllegalStateException("a plan has files");
    }
    return new View(
        number, plan.txid(), last.timestampMillis(), last.pageSize(), last.commit(), map, plan);
  }

  private CompletableFuture<IndexedFile> indexed(LtxFile file) {
    CompletableFuture<IndexedFile> loading;
    synchronized (files) {
      CompletableFuture<IndexedFile> known = files.get(file);
      if (known != null) {
        return known;
      }
      loading = loader.load(file);
      files.put(file, loading);
    }
    var unused = loading.whenComplete((indexed, thrown) -> loaded(file, indexed));
    return loading;
  }

  private void loaded(LtxFile file, @org.jspecify.annotations.Nullable IndexedFile indexed) {
    synchronized (files) {
      if (indexed == null) {
        files.remove(file);
        return;
      }
      indexBytes += indexed.index().memoryBytes();
      var eldest = files.entrySet().iterator();
      while (indexBytes > INDEX_BYTES && eldest.hasNext()) {
        CompletableFuture<IndexedFile> old = eldest.next().getValue();
        if (old.isDone() && !old.isCompletedExceptionally() && !old.join().equals(indexed)) {
          indexBytes -= old.join().index().memoryBytes();
          eldest.remove();
        }
      }
    }
  }

  /**
   * Starts fetching the roots that page 1 names, and the rest of the schema, if they are not there.
   */
  public void fetchSchemaAhead(View view) {
    IndexedFile file = view.map().find(1);
    if (file == null) {
      return;
    }
    byte[] page = new byte[view.pageSize()];
    long address = NativeMemory.allocate(view.pageSize());
    try {
      if (cache.read(file.id(), 1, 0, page.length, address) == PageCache.ABSENT) {
        return;
      }
      NativeMemory.read(address, page, 0, page.length);
    } finally {
      NativeMemory.free(address);
    }
    int header = 100;
    int[] pages = SchemaPages.roots(page, header, ROOTS);
    if (pages.length == 0) {
      int[] children = page[header] == 5 ? TreeHints.children(page, header) : null;
      pages = children == null ? pages : children;
    }
    List<FrameRef> wanted = new ArrayList<>();
    for (int pgno : pages) {
      IndexedFile holder = pgno > view.commit() ? null : view.map().find(pgno);
      if (holder != null && wanted.size() < ROOTS) {
        FrameRef frame = new FrameRef(holder, holder.index().rank(pgno));
        if (!fetcher.has(frame) && !wanted.contains(frame)) {
          wanted.add(frame);
        }
      }
    }
    if (!wanted.isEmpty()) {
      fetcher.fetchAhead(
          RangePlanner.plan(wanted, 32 * 1024, FileLoader.WHOLE), view.map(), Worth.NEAR);
    }
  }

  /** Cancels every request under way. */
  public void close() {
    fetcher.close();
  }
}
