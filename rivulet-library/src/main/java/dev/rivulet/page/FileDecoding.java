package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.Frames;
import dev.rivulet.ltx.IndexParser;
import dev.rivulet.ltx.LtxDecoder;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxTail;
import dev.rivulet.ltx.LtxTrailer;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.util.concurrent.CompletionException;

/**
 * What a file that was read whole says: all of it, verified and into the cache, or only where its
 * pages are.
 */
final class FileDecoding {
  private final PageCache cache;
  private final TreeHints hints;
  private final FetchStats stats;

  FileDecoding(PageCache cache, TreeHints hints, FetchStats stats) {
    this.cache = cache;
    this.hints = hints;
    this.stats = stats;
  }

  /**
   * Header and index, and that the frames are where the index says, so that no page is missing that
   * the file has. Nothing is known of what is in the frames, nor of the checksum.
   */
  IndexedFile index(LtxFile file, byte[] bytes) throws LtxException {
    LtxHeader header = LtxHeader.parse(bytes, 0, bytes.length);
    checkName(file, header);
    LtxTrailer.parse(bytes, bytes.length - LtxTrailer.SIZE, header);
    long start =
        LtxTail.parse(bytes, bytes.length - LtxTrailer.TAIL_SIZE, bytes.length).indexStart();
    IndexParser parser = parser(file, header, start);
    parser.accept(bytes, (int) start, bytes.length - (int) start - LtxTrailer.SIZE);
    FrameIndex index = parser.finish();
    int offset = LtxHeader.SIZE;
    for (int rank = 0; rank < index.count(); rank++) {
      Frames.check(bytes, offset, index.size(rank), index.pgno(rank), header.pageSize());
      offset += index.size(rank);
    }
    return IndexedFile.unproven(cache.newFileId(), file, header, index);
  }

  /** The same of a verified file, all of whose pages go to the cache. */
  IndexedFile all(LtxFile file, byte[] bytes) throws LtxException {
    Stream stream = stream(file);
    stream.accept(bytes, 0, bytes.length);
    return stream.finish();
  }

  /** For the bytes of a file as they come. */
  Stream stream(LtxFile file) {
    return new Stream(file);
  }

  /** A parser of the index of a file, which begins at {@code start}. */
  static IndexParser parser(LtxFile file, LtxHeader header, long start) {
    return new IndexParser(header, start, file.size() - LtxTrailer.TAIL_SIZE - start);
  }

  /** A file whose header says something else than its name is not the file the plan counts on. */
  static void checkName(LtxFile file, LtxHeader header) throws LtxException {
    if (!header.minTxid().equals(file.min()) || !header.maxTxid().equals(file.max())) {
      throw new LtxException(
          LtxException.Kind.HEADER,
          "its header is that of " + header.minTxid() + "-" + header.maxTxid());
    }
  }

  /**
   * Decodes a file while it comes. Pages are in the cache before the checksum is known, but under
   * an id that nobody has. Not thread-safe.
   */
  final class Stream {
    private final LtxFile file;
    private final long id = cache.newFileId();
    private final LtxDecoder decoder = new LtxDecoder(this::keep);

    Stream(LtxFile file) {
      this.file = file;
    }

    /** Throws a {@link DamagedFileException} as the cause of a {@link CompletionException}. */
    void accept(byte[] bytes, int offset, int length) {
      try {
        decoder.accept(bytes, offset, length);
      } catch (LtxException e) {
        throw new CompletionException(new DamagedFileException(file, e));
      } catch (IOException e) {
        throw new CompletionException(e);
      }
    }

    /** The file, after its last byte. */
    IndexedFile finish() throws LtxException {
      decoder.finish();
      checkName(file, decoder.header());
      stats.bytesFetched.add(decoder.index().framesEnd() - LtxHeader.SIZE);
      return new IndexedFile(id, file, decoder.header(), decoder.index());
    }

    private void keep(int pgno, byte[] page) {
      CacheSlot slot = cache.acquire(id, pgno, page.length, Worth.NEAR);
      if (slot != null) {
        NativeMemory.write(page, 0, page.length, slot.address);
        hints.learn(pgno, slot.address, page.length);
        cache.publish(slot, id, pgno, Worth.NEAR);
      }
    }
  }
}
