package dev.rivulet.page;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * The pages of one replica: makes views of plans, and readers of views.
 *
 * <p>Thread-safe. Files once indexed are remembered, so that a new plan, and a way back to a moment
 * already visited, costs requests only for files not seen before.
 */
public final class ReplicaPages {
  /**
   * Indexes remembered beside those of views, in bytes. 16 MiB are the indexes of a 6 GB snapshot
   * and of some thousand small files.
   */
  private static final long INDEX_BYTES = 16L << 20;

  /** One for all databases of the process. */
  public static final Executor BACKGROUND = WorkThread.named("rivulet-verify");

  private final ObjectStore store;
  private final PageCache cache;
  private final TreeHints hints = new TreeHints();
  private final NetworkModel network;
  private final FetchStats stats = new FetchStats();
  private final Fetcher fetcher;
  private final WholeFiles whole;
  private final IndexedFiles files;

  /** Pages of the replica in {@code store}, kept in {@code cache}. */
  public ReplicaPages(ObjectStore store, PageCache cache) {
    this(store, cache, new NetworkModel());
  }

  /** The same with a network model of the caller's. */
  public ReplicaPages(ObjectStore store, PageCache cache, NetworkModel network) {
    this(store, cache, network, BACKGROUND, null);
  }

  /**
   * The same with a thread of the caller's.
   *
   * @param background runs what nobody waits for
   * @param disk keeps what is fetched and has no room in the cache; null for nothing
   */
  public ReplicaPages(
      ObjectStore store,
      PageCache cache,
      NetworkModel network,
      Executor background,
      @Nullable DiskCache disk) {
    this.store = store;
    this.cache = cache;
    this.network = network;
    this.fetcher = new Fetcher(store, cache, hints, network, stats, disk);
    this.whole = new WholeFiles(store, cache, hints, stats, background);
    this.files =
        new IndexedFiles(new FileLoader(store, cache, hints, network, stats, whole), INDEX_BYTES);
  }

  /** For how long no query has fetched anything, in nanoseconds; 0 if one does now. */
  public long idleNanos() {
    return fetcher.idleNanos();
  }

  /** A reader for one connection. */
  public PageReader reader() {
    return new PageReader(
        cache, whole, fetcher, stats, new Readahead(fetcher, cache, hints, network));
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
    return load(plan)
        .thenApply(loaded -> {
          try {
            return view(plan, number, loaded);
          } catch (DamagedFileException e) {
            throw new CompletionException(e);
          }
        });
  }

  /**
   * The view that follows another. All new files are read at once, in one GET each if they are
   * small; k changed pages of n cost O(k log n).
   *
   * @param files at least one; they follow each other and the view without a gap
   * @param number the new view's number
   * @return fails as {@link #view(Plan, int)}
   */
  public CompletableFuture<View> extend(View view, List<LtxFile> files, int number) {
    List<LtxFile> all = new ArrayList<>(view.plan().files().size() + files.size());
    all.addAll(view.plan().files());
    all.addAll(files);
    Plan plan = new Plan(all);
    return load(files)
        .thenApply(loaded -> {
          try {
            return laid(plan, number, overlay(view.map(), view.pageSize(), loaded), loaded);
          } catch (DamagedFileException e) {
            throw new CompletionException(e);
          }
        });
  }

  /**
   * The headers and indexes of a plan's files, in its order. All files not known yet are read at
   * once.
   *
   * @return fails as {@link #view(Plan, int)}
   */
  public CompletableFuture<List<IndexedFile>> load(Plan plan) {
    return load(plan.files());
  }

  private CompletableFuture<List<IndexedFile>> load(List<LtxFile> wanted) {
    List<CompletableFuture<IndexedFile>> loading = new ArrayList<>(wanted.size());
    for (LtxFile file : wanted) {
      FileLoader.Place place =
          wanted.size() == 1
              ? FileLoader.Place.ALONE
              : loading.size() < wanted.size() - 1
                  ? FileLoader.Place.COVERED
                  : FileLoader.Place.LAST;
      loading.add(files.get(file, place));
    }
    return CompletableFuture.allOf(loading.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> {
          List<IndexedFile> loaded = new ArrayList<>(loading.size());
          for (CompletableFuture<IndexedFile> file : loading) {
            loaded.add(file.join());
          }
          return loaded;
        })
        .whenComplete((loaded, thrown) -> {
          if (thrown != null) {
            loading.forEach(this::drop);
          }
        });
  }

  private void drop(CompletableFuture<IndexedFile> loading) {
    if (loading.isDone() && !loading.isCompletedExceptionally()) {
      whole.drop(loading.join());
    }
  }

  /**
   * Lays the files of a plan over each other.
   *
   * @param loaded what {@link #load} gave for it
   * @throws DamagedFileException if they do not go together
   */
  public View view(Plan plan, int number, List<IndexedFile> loaded) throws DamagedFileException {
    int pageSize = loaded.getFirst().header().pageSize();
    return laid(plan, number, overlay(PageMap.EMPTY, pageSize, loaded), loaded);
  }

  private PageMap overlay(PageMap map, int pageSize, List<IndexedFile> files)
      throws DamagedFileException {
    PageMap result = map;
    for (IndexedFile file : files) {
      if (file.header().pageSize() != pageSize) {
        files.forEach(whole::drop);
        throw new DamagedFileException(
            file.file(),
            "its page size is "
                + file.header().pageSize()
                + ", that of the files before it "
                + pageSize);
      }
      result = result.with(file);
    }
    return result;
  }

  private View laid(Plan plan, int number, PageMap map, List<IndexedFile> loaded) {
    Headroom.requireBeside(loaded);
    LtxHeader last = loaded.getLast().header();
    View view =
        new View(
            number, plan.txid(), last.timestampMillis(), last.pageSize(), last.commit(), map, plan);
    whole.proveSoon(loaded, map);
    return view;
  }

  /**
   * Starts fetching the roots that page 1 names, and the rest of the schema, if they are not there.
   */
  public void fetchSchemaAhead(View view) {
    byte[] page1 = held(view, 1);
    if (page1 != null) {
      new SchemaAhead(fetcher).fetch(view, page1);
    }
  }

  /** A copy of a page that needs no request; null if it is not there. */
  private byte @Nullable [] held(View view, int pgno) {
    IndexedFile file = view.map().find(pgno);
    if (file == null) {
      return null;
    }
    long address = NativeMemory.allocate(view.pageSize());
    try {
      if (!copyHeld(file, pgno, view.map(), address)) {
        return null;
      }
      byte[] page = new byte[view.pageSize()];
      NativeMemory.read(address, page, 0, page.length);
      return page;
    } finally {
      NativeMemory.free(address);
    }
  }

  /**
   * Fetches neighbouring frames of a file around the cache, in one GET, which ends when the future
   * is cancelled.
   *
   * @param first rank of the first one
   * @param end after the rank of the last one
   * @return fails with {@link StaleFileException} if the file is gone or replaced, else with a
   *     {@link dev.rivulet.store.StoreException}; or with what the sink threw
   */
  public CompletableFuture<?> fetch(IndexedFile file, int first, int end, FrameSink sink) {
    return new PieceFetch(store, file).frames(first, end, sink);
  }

  /**
   * As {@link #fetch}; but the header comes with the file's first frame, and with the last one all
   * that follows it, so that pieces without gaps between them are the whole file.
   */
  public CompletableFuture<?> fetchPiece(IndexedFile file, int first, int end, FrameSink sink) {
    return new PieceFetch(store, file).piece(first, end, sink);
  }

  /**
   * Reads a whole file, as it lies in the store; cancelled and failing as {@link #fetch}.
   *
   * @param to as long as the file
   */
  public CompletableFuture<?> fetchWhole(IndexedFile file, byte[] to) {
    return new PieceFetch(store, file).whole(to);
  }

  /**
   * Copies a whole page that needs no request: out of the cache, or of a file that was read whole,
   * if its checksum agrees.
   *
   * @param live the pages of a view that has it
   * @param to an address with room for it
   * @return false if it is not there
   */
  public boolean copyHeld(IndexedFile file, int pgno, PageMap live, long to) {
    int pageSize = file.header().pageSize();
    if (cache.read(file.id(), pgno, 0, pageSize, to) != PageCache.ABSENT) {
      return true;
    }
    try {
      return file.awaitsChecksum()
          && whole.proveHeld(file, live)
          && cache.read(file.id(), pgno, 0, pageSize, to) != PageCache.ABSENT;
    } catch (DamagedFileException e) {
      return false; // who fetches it is told
    }
  }

  /** Puts a page into the cache, if there is room that nobody needs more. */
  public void keep(IndexedFile file, int pgno, long from) {
    int pageSize = file.header().pageSize();
    CacheSlot slot = cache.acquire(file.id(), pgno, pageSize, Worth.NEAR);
    if (slot != null) {
      NativeMemory.copy(from, slot.address, pageSize);
      cache.publish(slot, file.id(), pgno, Worth.NEAR);
    }
  }

  /** Bytes of files that no view has looked at yet. */
  long heldBytes() {
    return whole.heldBytes();
  }

  /** There is no reader: what is fetched ahead and has not begun is given up. */
  public void rest() {
    fetcher.forgetAhead();
  }

  /** Cancels every request under way. */
  public void close() {
    fetcher.close();
  }
}
