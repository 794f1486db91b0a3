package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.IndexParser;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxTail;
import dev.rivulet.ltx.LtxTrailer;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Reads what must be known of an LTX file before its pages can be found: header and index.
 *
 * <p>A small file is read whole in one GET. If it has few pages, or nothing lies over it, it is
 * verified by its checksum at once, and its pages go to the cache; others are when a page of theirs
 * is wanted ({@link WholeFiles}). Of a larger file the first and the last bytes are read at once; a
 * second round trip follows only if the index is longer than the tail that was guessed.
 */
final class FileLoader {
  /** At 25 ms and 85 MB/s, a megabyte takes 12 ms: less than a second round trip would. */
  static final int WHOLE = 1024 * 1024;

  /** The roots of the tables that were created first lie here: 19 pages of 4 KiB or so. */
  private static final int HEAD = 64 * 1024;

  /**
   * The checksum is of the pages, not of the bytes, so checking it means decoding them all: some 8
   * microseconds a page of 4 KiB in a new process. A dozen such files are 25 ms, a round trip's
   * time.
   */
  private static final int FEW_PAGES = 256;

  /**
   * The guess at the index: about 9 bytes a page. Frames of some 3 kB, of ordinary pages of 4 KiB,
   * make that a 330th of the file, frames of 1.7 kB, of well compressible ones, a 190th. Never more
   * than a third of a megabyte, for beyond that a wrong guess costs as much as the round trip that
   * it saves.
   */
  private static final int TAIL_SHARE = 192;

  private static final int LEAST_TAIL = 64 * 1024;
  private static final int MOST_TAIL = 384 * 1024;

  /** A page header of zeros ends the frames. */
  private static final int END_MARKER = 6;

  /** The terminator of an index without entries. */
  private static final int LEAST_INDEX = 1;

  /** What may lie over a file. */
  enum Place {
    /** Nothing: it is the only one. */
    ALONE,

    /** Files that are loaded with it, so that perhaps not all of its pages are needed. */
    COVERED,

    /** Nothing: it is the last of several, and says how many pages there are. */
    LAST
  }

  private static final int LEAST_FILE =
      LtxHeader.SIZE + END_MARKER + LEAST_INDEX + LtxTrailer.TAIL_SIZE;

  /** One for all databases of the process. */
  private static final Executor PARSER = WorkThread.named("rivulet-index");

  private final ObjectStore store;
  private final PageCache cache;
  private final TreeHints hints;
  private final NetworkModel network;
  private final FetchStats stats;
  private final WholeFiles whole;
  private final FileDecoding decoding;

  FileLoader(
      ObjectStore store,
      PageCache cache,
      TreeHints hints,
      NetworkModel network,
      FetchStats stats,
      WholeFiles whole) {
    this.stats = stats;
    this.whole = whole;
    this.store = store;
    this.cache = cache;
    this.hints = hints;
    this.network = network;
    this.decoding = new FileDecoding(cache, hints, stats);
  }

  /**
   * Loads one file. The future fails with {@link StaleFileException}, {@link DamagedFileException}
   * or {@link StoreException}.
   *
   * @param place what lies over it in what is loaded
   */
  CompletableFuture<IndexedFile> load(LtxFile file, Place place) {
    if (file.size() < LEAST_FILE) {
      return CompletableFuture.failedFuture(
          new DamagedFileException(file, "it has only " + file.size() + " bytes"));
    }
    if (file.size() > WHOLE) {
      return loadEnds(file);
    }
    return place == Place.ALONE ? loadWhole(file) : loadOfMany(file, place);
  }

  /**
   * A file of which perhaps little is needed: its bytes first, then whatever they turn out to be.
   * One file after the other, so that what is in the cache then does not depend on luck.
   */
  private CompletableFuture<IndexedFile> loadOfMany(LtxFile file, Place place) {
    byte[] bytes = new byte[(int) file.size()];
    return get(file, new ByteRange(0, bytes.length), filler(bytes))
        .thenApplyAsync(
            version -> {
              try {
                IndexedFile indexed = decoding.index(file, bytes);
                if (place == Place.LAST || indexed.index().count() <= FEW_PAGES) {
                  return decoding.all(file, bytes);
                }
                stats.bytesFetched.add(indexed.index().framesEnd() - LtxHeader.SIZE);
                whole.put(indexed, bytes);
                return indexed;
              } catch (LtxException e) {
                throw new CompletionException(new DamagedFileException(file, e));
              }
            },
            PARSER);
  }

  private CompletableFuture<IndexedFile> loadWhole(LtxFile file) {
    FileDecoding.Stream stream = decoding.stream(file);
    Timed sink = new Timed(stream::accept);
    return get(file, new ByteRange(0, file.size()), sink)
        .thenApply(version -> {
          try {
            return stream.finish();
          } catch (LtxException e) {
            throw new CompletionException(new DamagedFileException(file, e));
          }
        });
  }

  private CompletableFuture<IndexedFile> loadEnds(LtxFile file) {
    int tailLength =
        (int) Math.clamp(file.size() / TAIL_SHARE, LEAST_TAIL, Math.min(MOST_TAIL, file.size()));
    byte[] head = new byte[HEAD];
    byte[] tail = new byte[tailLength];
    long tailStart = file.size() - tailLength;
    return get(file, new ByteRange(0, HEAD), filler(head))
        .thenCombine(get(file, new ByteRange(tailStart, tailLength), filler(tail)), (a, b) -> tail)
        .thenCompose(both -> {
          try {
            LtxHeader header = LtxHeader.parse(head, 0, head.length);
            FileDecoding.checkName(file, header);
            LtxTrailer.parse(tail, tail.length - LtxTrailer.SIZE, header);
            long indexStart =
                LtxTail.parse(tail, tail.length - LtxTrailer.TAIL_SIZE, file.size()).indexStart();
            IndexParser parser = FileDecoding.parser(file, header, indexStart);
            CompletableFuture<?> middle =
                indexStart >= tailStart
                    ? CompletableFuture.completedFuture(null)
                    : feed(file, indexStart, tailStart - indexStart, parser);
            return middle.thenApply(done -> {
              try {
                int from = (int) Math.max(0, indexStart - tailStart);
                parser.accept(tail, from, tailLength - from - LtxTrailer.SIZE);
                IndexedFile indexed =
                    new IndexedFile(cache.newFileId(), file, header, parser.finish());
                keepFrames(indexed, head, 0);
                keepFrames(indexed, tail, tailStart);
                return indexed;
              } catch (LtxException e) {
                throw new CompletionException(new DamagedFileException(file, e));
              }
            });
          } catch (LtxException e) {
            return CompletableFuture.failedFuture(new DamagedFileException(file, e));
          }
        });
  }

  /** Streams the part of the index that the tail did not have into the parser. */
  private CompletableFuture<ObjectVersion> feed(
      LtxFile file, long from, long length, IndexParser parser) {
    return get(
        file,
        new ByteRange(from, length),
        new Timed((bytes, offset, count) -> {
          try {
            parser.accept(bytes, offset, count);
          } catch (LtxException e) {
            throw new CompletionException(new DamagedFileException(file, e));
          }
        }));
  }

  /** Decodes the frames that lie whole in a part of the file, which begins at {@code start}. */
  private void keepFrames(IndexedFile file, byte[] part, long start) {
    FrameIndex index = file.index();
    for (int rank = index.rankAtOffset(start); rank < index.count(); rank++) {
      long offset = index.offset(rank) - start;
      if (offset < 0) {
        continue;
      }
      if (offset + index.size(rank) > part.length) {
        break;
      }
      try {
        FrameIntake.take(file, rank, part, (int) offset, cache, Worth.NEAR, hints);
        stats.bytesFetched.add(index.size(rank));
      } catch (LtxException e) {
        // It may be one that nobody wants; who does fetches it again, and is told.
      }
    }
  }

  /** Reads a range of a file; a failure is the exception that says what it means for the file. */
  private CompletableFuture<ObjectVersion> get(LtxFile file, ByteRange range, Timed sink) {
    long begun = System.nanoTime();
    return store
        .get(new GetRequest(file.key(), range, file.etag()), sink)
        .whenComplete((version, thrown) -> {
          if (thrown == null) {
            network.observe(
                range.length(),
                sink.firstByteNanos - begun,
                System.nanoTime() - sink.firstByteNanos);
          }
        })
        .exceptionallyCompose(thrown -> CompletableFuture.failedFuture(typed(file, thrown)));
  }

  private static IOException typed(LtxFile file, Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof DamagedFileException damaged) {
        return damaged;
      }
    }
    return StaleFileException.orStoreFailure(file, thrown);
  }

  private static Timed filler(byte[] to) {
    int[] filled = {0};
    return new Timed((bytes, offset, length) -> {
      System.arraycopy(bytes, offset, to, filled[0], length);
      filled[0] += length;
    });
  }

  /** Notes when the first byte came. */
  private static final class Timed implements ByteSink {
    private final ByteSink sink;
    private long firstByteNanos;

    Timed(ByteSink sink) {
      this.sink = sink;
    }

    @Override
    public void begin(ObjectVersion version) {
      sink.begin(version);
    }

    @Override
    public void accept(byte[] bytes, int offset, int length) {
      if (firstByteNanos == 0) {
        firstByteNanos = System.nanoTime();
      }
      sink.accept(bytes, offset, length);
    }
  }
}
