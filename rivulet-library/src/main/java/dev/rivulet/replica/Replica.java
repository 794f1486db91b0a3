package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectEntry;
import dev.rivulet.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The LTX files of one database in a store.
 *
 * <p>Thread-safe; requests are asynchronous, as the store's.
 *
 * @param store where they are; closed by its owner, not here
 * @param layout how they are named there
 */
public record Replica(ObjectStore store, Layout layout) {
  /** Level 1 is guessed to be wanted from so many times as far back as level 0 goes. */
  private static final int GUESS = 4;

  /** Of fewer files on level 0 the newest may be one that was only never deleted. */
  private static final int SPEAKING = 16;

  /**
   * The files that a plan of the newest state can need.
   *
   * <p>One request for a replica of up to 1000 files. A larger one takes three round trips: one
   * page of everything, which begins with level 0; then levels 2 to 9, which are few; then level 1,
   * and level 0 if it did not fit the first page, from the point that the higher levels reach.
   * Files before that point are left out.
   *
   * <p>Level 0 is listed before the levels above it, never after: what is merged upwards between
   * two requests is then seen twice, which is harmless, and not missed.
   */
  public CompletableFuture<List<LtxFile>> listForLatest() {
    return listForLatest(false);
  }

  /**
   * The same for who waits: of a large replica in two round trips instead of three, and at worst by
   * one request more. Level 1 is listed together with the levels above it, from a guess on.
   */
  public CompletableFuture<List<LtxFile>> listToOpen() {
    return listForLatest(true);
  }

  private CompletableFuture<List<LtxFile>> listForLatest(boolean guessing) {
    return store
        .list(layout.prefix(), "", ObjectStore.MAX_PAGE)
        .thenCompose(first -> {
          List<LtxFile> files = parse(first.objects());
          if (!first.truncated()) {
            return CompletableFuture.completedFuture(files);
          }
          boolean level0Complete = first.objects().getLast().key().compareTo(layout.prefix(1)) >= 0;
          Txid guess = guessing && level0Complete ? lowerStartGuess(files) : null;
          CompletableFuture<List<LtxFile>> guessed =
              guess == null
                  ? CompletableFuture.completedFuture(List.of())
                  : listFrom(layout.prefix(1), layout.startAfter(1, guess));
          return listFrom(layout.prefix(), layout.prefix(2))
              .thenCombine(guessed, Higher::new)
              .thenCompose(listed -> {
                boolean enough = guess != null && !guess.after(lowerStart(listed.files));
                return listBelow(
                    files, level0Complete, listed.files, enough ? listed.level1 : null);
              });
        });
  }

  private record Higher(List<LtxFile> files, List<LtxFile> level1) {}

  /**
   * Where level 1 is probably wanted from. Level 0 goes back five minutes by default, and level 2
   * lags as much, or twice that when a merge is due: four times what level 0 has is on the safe
   * side, and still one page. Null if level 0 has so little that it says nothing of time.
   */
  private static @Nullable Txid lowerStartGuess(List<LtxFile> files) {
    List<LtxFile> zeros = level0(files);
    if (zeros.size() < SPEAKING) {
      return null;
    }
    long newest = zeros.getLast().max().value();
    long oldest = zeros.getFirst().min().value();
    // Names may be hostile; TXIDs that a primary reaches have no highest bit.
    return oldest < 1 || newest < oldest || (newest - oldest) > oldest / GUESS
        ? null
        : new Txid(oldest - (GUESS - 1) * (newest - oldest));
  }

  private static List<LtxFile> level0(List<LtxFile> files) {
    return files.stream().filter(f -> f.level() == 0).toList();
  }

  /**
   * How many requests {@link #listForLatest} took for so many files, at most: one page of all, and
   * of a replica that does not fit it two or three more, and what levels 2 to 9 have beyond a page.
   */
  public static int lists(int files) {
    return files < ObjectStore.MAX_PAGE ? 1 : 3 + files / ObjectStore.MAX_PAGE;
  }

  /**
   * The end of level 0.
   *
   * @param files in the order of their first transaction
   * @param complete whether these are all to the end
   */
  public record Tail(List<LtxFile> files, boolean complete) {}

  /** The files of level 0 that begin at a transaction or later: one request, one page at most. */
  public CompletableFuture<Tail> listTail(Txid from) {
    return store
        .list(layout.prefix(0), layout.startAfter(0, from), ObjectStore.MAX_PAGE)
        .thenApply(page -> new Tail(parse(page.objects()), !page.truncated()));
  }

  /** Every file there is, in few round trips: two for the 3200 files of a day-old replica. */
  public CompletableFuture<List<LtxFile>> listAll() {
    return new FullListing(store, layout).run();
  }

  private CompletableFuture<List<LtxFile>> listBelow(
      List<LtxFile> first,
      boolean level0Complete,
      List<LtxFile> higher,
      @Nullable List<LtxFile> guessed) {
    Txid from = lowerStart(higher);
    CompletableFuture<List<LtxFile>> level1 =
        guessed != null
            ? CompletableFuture.completedFuture(guessed)
            : listFrom(layout.prefix(1), layout.startAfter(1, from));
    CompletableFuture<List<LtxFile>> level0 =
        level0Complete
            ? CompletableFuture.completedFuture(level0(first))
            : listFrom(layout.prefix(0), layout.startAfter(0, from));
    return level1.thenCombine(
        level0,
        (ones, zeros) -> {
          List<LtxFile> all = new ArrayList<>(zeros);
          all.addAll(ones);
          all.addAll(higher);
          return all;
        });
  }

  /**
   * Where levels 1 and 0 must be listed from: the beginning of the last file of levels 2 to 8 that
   * the plan can use. Their files are merged from whole files of the level below, so a level 1 file
   * that straddles the point reached does not begin before that.
   */
  private static Txid lowerStart(List<LtxFile> higher) {
    Txid reached = Txid.ZERO;
    for (LtxFile file : higher) {
      if (file.level() == LtxFile.SNAPSHOT_LEVEL && file.max().after(reached)) {
        reached = file.max();
      }
    }
    Txid start = Txid.ZERO.next();
    boolean moved = true;
    while (moved) {
      moved = false;
      for (LtxFile file : higher) {
        if (file.level() == LtxFile.SNAPSHOT_LEVEL || file.min().after(reached.next())) {
          continue;
        }
        if (file.min().after(start)) {
          start = file.min();
          moved = true;
        }
        if (file.max().after(reached)) {
          reached = file.max();
          moved = true;
        }
      }
    }
    return start;
  }

  private CompletableFuture<List<LtxFile>> listFrom(String prefix, String startAfter) {
    List<LtxFile> files = new ArrayList<>();
    return continueFrom(prefix, startAfter, files);
  }

  private CompletableFuture<List<LtxFile>> continueFrom(
      String prefix, String startAfter, List<LtxFile> files) {
    return store
        .list(prefix, startAfter, ObjectStore.MAX_PAGE)
        .thenCompose((ListPage page) -> {
          files.addAll(parse(page.objects()));
          return page.truncated() && !page.objects().isEmpty()
              ? continueFrom(prefix, page.objects().getLast().key(), files)
              : CompletableFuture.completedFuture(files);
        });
  }

  private List<LtxFile> parse(List<ObjectEntry> objects) {
    List<LtxFile> files = new ArrayList<>(objects.size());
    for (ObjectEntry object : objects) {
      layout.parse(object).ifPresent(files::add);
    }
    return files;
  }
}
