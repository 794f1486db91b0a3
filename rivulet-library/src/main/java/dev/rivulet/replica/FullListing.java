package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectEntry;
import dev.rivulet.store.ObjectStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Lists every file in few round trips.
 *
 * <p>A store gives at most 1000 names at once and only then says that there are more, so a plain
 * listing of a day-old replica is four requests one after the other, of a month-old one some
 * hundred. Here the first page is of everything. When it is full, the rest of the level in which it
 * ended and the levels above it are listed side by side; and a rest is cut into ranges of TXIDs of
 * about {@value #PIECE} files each, as many as the density of the page before and the newest TXID
 * seen so far let expect. Example: 300 files of level 0, 2880 of level 1, 314 above: one page, then
 * four ranges of level 1 and one page from level 2 on, in two round trips.
 *
 * <p>A guess that is wrong costs requests and never a file: a range that does not fit one page goes
 * on page after page to its end, and what is listed beyond its end is left to the next one.
 *
 * <p>Level 0 is asked for first, or with the levels above it: what is merged upwards in between is
 * seen twice, or, when it was deleted within that round trip, is a gap (see {@link
 * Planner#latest}).
 */
final class FullListing {
  /** Below a page's 1000, so that a density that grows a little does not need a second page. */
  private static final int PIECE = 800;

  /**
   * Requests at once for one level: 50,000 files in a round trip, a fraction of the connections.
   */
  private static final int PIECES = 48;

  private final ObjectStore store;
  private final Layout layout;

  FullListing(ObjectStore store, Layout layout) {
    this.store = store;
    this.layout = layout;
  }

  /** Every file of every level. */
  CompletableFuture<List<LtxFile>> run() {
    return levelsFrom(0, "", Txid.ZERO);
  }

  /**
   * The files of a level and those above it.
   *
   * @param startAfter a key before all of them
   * @param newest a TXID that exists: only for guessing how many files there are
   */
  private CompletableFuture<List<LtxFile>> levelsFrom(int level, String startAfter, Txid newest) {
    return store
        .list(layout.prefix(), startAfter, ObjectStore.MAX_PAGE)
        .thenCompose(page -> {
          List<LtxFile> files = parse(page, level);
          if (isLast(page)) {
            return CompletableFuture.completedFuture(files);
          }
          Txid seen = newestOf(files, newest);
          String last = page.objects().getLast().key();
          int reached = levelOf(last, level);
          CompletableFuture<List<LtxFile>> rest = restOf(reached, last, files, seen);
          CompletableFuture<List<LtxFile>> above =
              reached == LtxFile.SNAPSHOT_LEVEL
                  ? CompletableFuture.completedFuture(List.of())
                  : levelsFrom(reached + 1, layout.prefix(reached + 1), seen);
          return join(List.of(CompletableFuture.completedFuture(files), rest, above));
        });
  }

  /** The level that a key lies in or, if it is none of ours, the lowest that can follow it. */
  private int levelOf(String key, int from) {
    int level = from;
    while (level < LtxFile.SNAPSHOT_LEVEL && key.compareTo(layout.prefix(level + 1)) >= 0) {
      level++;
    }
    return level;
  }

  /** The files of a level after a key, in ranges side by side. */
  private CompletableFuture<List<LtxFile>> restOf(
      int level, String after, List<LtxFile> page, Txid newest) {
    List<CompletableFuture<List<LtxFile>>> pieces = new ArrayList<>();
    String start = after;
    for (Txid split : splits(level, page, newest)) {
      String end = layout.startAfter(level, split);
      pieces.add(range(level, start, end, new ArrayList<>()));
      start = end;
    }
    pieces.add(range(level, start, "", new ArrayList<>()));
    return join(pieces);
  }

  /** Where to cut what comes after a page, if its files lie as densely as those on the page. */
  private static List<Txid> splits(int level, List<LtxFile> page, Txid newest) {
    LtxFile first = null;
    LtxFile last = null;
    int count = 0;
    for (LtxFile file : page) {
      if (file.level() == level) {
        first = first == null ? file : first;
        last = file;
        count++;
      }
    }
    if (first == null || last == null || !newest.after(last.min())) {
      return List.of();
    }
    double span = last.min().value() - first.min().value() + 1.0;
    double left = newest.value() - last.min().value();
    // The differences are of TXIDs that rise, so they are not negative but for hostile names.
    double pieces = Math.ceil(left * count / span / PIECE);
    List<Txid> splits = new ArrayList<>();
    int limit = span < 1 || left < 1 ? 0 : (int) Math.min(PIECES, pieces);
    for (int i = 1; i < limit; i++) {
      splits.add(new Txid(last.min().value() + (long) (left * i / limit)));
    }
    return splits;
  }

  /** The files of a level between two keys; an empty end is that of the level. */
  private CompletableFuture<List<LtxFile>> range(
      int level, String after, String end, List<LtxFile> files) {
    return store
        .list(layout.prefix(level), after, ObjectStore.MAX_PAGE)
        .thenCompose(page -> {
          for (LtxFile file : parse(page, level)) {
            if (end.isEmpty() || file.key().compareTo(end) < 0) {
              files.add(file);
            }
          }
          if (isLast(page)) {
            return CompletableFuture.completedFuture(files);
          }
          String last = page.objects().getLast().key();
          return !end.isEmpty() && last.compareTo(end) >= 0
              ? CompletableFuture.completedFuture(files)
              : range(level, last, end, files);
        });
  }

  private static boolean isLast(ListPage page) {
    return !page.truncated() || page.objects().isEmpty();
  }

  /** The page's files of a level and those above; a start before the level may show lower ones. */
  private List<LtxFile> parse(ListPage page, int level) {
    List<LtxFile> files = new ArrayList<>(page.objects().size());
    for (ObjectEntry object : page.objects()) {
      layout.parse(object).filter(file -> file.level() >= level).ifPresent(files::add);
    }
    return files;
  }

  private static Txid newestOf(List<LtxFile> files, Txid newest) {
    Txid max = newest;
    for (LtxFile file : files) {
      max = file.max().after(max) ? file.max() : max;
    }
    return max;
  }

  private static CompletableFuture<List<LtxFile>> join(
      List<CompletableFuture<List<LtxFile>>> parts) {
    return CompletableFuture.allOf(parts.toArray(new CompletableFuture<?>[0]))
        .thenApply(done -> {
          List<LtxFile> all = new ArrayList<>();
          parts.forEach(part -> all.addAll(part.join()));
          return all;
        });
  }
}
