package dev.rivulet.db;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.PageChecksum;
import dev.rivulet.ltx.PageSink;
import dev.rivulet.ltx.PageSize;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;

/**
 * A database file that is being put together from pages.
 *
 * <p>Neighbouring pages are written together. Pages of zeros that would lengthen the file are left
 * out as holes. Not thread-safe.
 */
final class RestoredFile implements PageSink, AutoCloseable {
  /** A disk gains nothing from longer writes. */
  private static final int RUN = 1 << 20;

  private final FileChannel channel;
  private final ByteBuffer run = ByteBuffer.allocateDirect(RUN);
  private final BitSet present = new BitSet();

  /** Where {@link #run} begins in the file. */
  private long runStart;

  /** Bytes up to here may differ from zero. */
  private long written;

  /** Creates the file, which must not exist. */
  RestoredFile(Path path) throws IOException {
    channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  @Override
  public void page(int pgno, byte[] page) throws IOException {
    long offset = (pgno - 1L) * page.length;
    present.set(pgno);
    if (offset >= written && isZero(page)) {
      return;
    }
    if (offset != runStart + run.position() || run.remaining() < page.length) {
      writeRun();
      runStart = offset;
    }
    run.put(page);
    written = Math.max(written, offset + page.length);
  }

  private static boolean isZero(byte[] page) {
    for (byte b : page) {
      if (b != 0) {
        return false;
      }
    }
    return true;
  }

  private void writeRun() throws IOException {
    run.flip();
    long at = runStart;
    while (run.hasRemaining()) {
      at += channel.write(run, at);
    }
    run.clear();
  }

  /** The database has so many pages after the file whose pages came last: what was more is cut. */
  void endOfFile(LtxHeader header) throws IOException {
    writeRun();
    long bytes = (long) header.commit() * header.pageSize();
    if (written > bytes) {
      channel.truncate(bytes);
      written = bytes;
    }
    present.clear(header.commit() + 1, Math.max(present.length(), header.commit() + 1));
  }

  /** The first page that came with no file, or 0 if none is missing. */
  int firstMissing(LtxHeader last) {
    int lockPage = PageSize.lockPage(last.pageSize());
    int pgno = present.nextClearBit(1);
    if (pgno == lockPage) {
      pgno = present.nextClearBit(pgno + 1);
    }
    return pgno <= last.commit() ? pgno : 0;
  }

  /** Gives the file its length and waits until the disk has it. */
  void finish(LtxHeader last) throws IOException {
    long bytes = (long) last.commit() * last.pageSize();
    if (channel.size() < bytes) {
      channel.write(ByteBuffer.allocate(1), bytes - 1);
    }
    channel.force(true);
  }

  /** The rolling checksum of the database, read back from the file. */
  long checksum(LtxHeader last) throws IOException {
    byte[] page = new byte[last.pageSize()];
    int lockPage = PageSize.lockPage(last.pageSize());
    long sum = PageChecksum.EMPTY_DATABASE;
    for (int pgno = 1; pgno <= last.commit(); pgno++) {
      if (pgno != lockPage) {
        read(page, (pgno - 1L) * page.length);
        sum = PageChecksum.toggle(sum, PageChecksum.of(pgno, page, 0, page.length));
      }
    }
    return sum;
  }

  private void read(byte[] page, long offset) throws IOException {
    ByteBuffer to = ByteBuffer.wrap(page);
    while (to.hasRemaining()) {
      int count = channel.read(to, offset + to.position());
      if (count < 0) {
        throw new EOFException("the file was cut short while it was written");
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
