package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decodes a whole file while it streams in, cut anywhere, and verifies all there is to verify:
 * every rule of header, frames, index and trailer, that the index says what the frames are, the
 * file checksum, and in snapshots of checksummed databases the database checksum.
 *
 * <p>Memory: one frame, one page, and about 4 bytes for each page that was there. Not thread-safe;
 * unusable after an exception.
 */
public final class LtxDecoder {
  /** What the next byte belongs to. */
  private enum Section {
    HEADER("the header"),
    FRAME("the page frames"),
    INDEX("the page index"),
    TRAILER("the trailer"),
    END("the end"),
    FAILED("");

    final String label;

    Section(String label) {
      this.label = label;
    }
  }

  private final PageSink sink;
  private final Crc64 crc = new Crc64();
  private final Lz4FrameExtent lz4Extent = new Lz4FrameExtent();

  private Section section = Section.HEADER;

  /** Where the current item (header, frame, index, trailer) begins in the file. */
  private long position;

  /** What has come of the current item with earlier calls, if it did not come whole. */
  private byte[] buffer = new byte[LtxHeader.SIZE];

  private int buffered;

  /** Bytes that the buffer must hold before there is anything to do. */
  private int wanted;

  private @Nullable LtxHeader header;
  private @Nullable LtxTrailer trailer;
  private @Nullable FrameIndex index;

  // Set up by the header, for what follows it.
  private @Nullable PageOrder order;
  private @Nullable FrameIndexBuilder frames;
  private @Nullable IndexParser indexParser;
  private byte[] page = new byte[0];
  private long databaseChecksum = PageChecksum.EMPTY_DATABASE;

  public LtxDecoder(PageSink sink) {
    this.sink = sink;
  }

  /**
   * Takes the next bytes of the file. The array is only read, and only during the call.
   *
   * @throws LtxException what is wrong with them
   * @throws IOException if the sink throws it
   */
  public void accept(byte[] bytes, int offset, int length) throws LtxException, IOException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    if (section == Section.FAILED) {
      throw new IllegalStateException("this decoder has failed before");
    }
    try {
      int end = offset + length;
      for (int at = offset; at < end; ) {
        at +=
            switch (section) {
              case INDEX -> takeIndex(bytes, at, end - at);
              case END ->
                  throw new LtxException(
                      Kind.TRAILER, "bytes follow the trailer, which ends at offset " + position);
              default -> takeItem(bytes, at, end - at);
            };
      }
    } catch (LtxException | IOException | RuntimeException e) {
      section = Section.FAILED;
      throw e;
    }
  }

  /**
   * The trailer, once the whole file was taken and found good.
   *
   * @throws LtxException {@code TRUNCATED} if bytes are missing
   */
  public LtxTrailer finish() throws LtxException {
    if (trailer == null || section != Section.END) {
      if (section == Section.FAILED) {
        throw new IllegalStateException("this decoder has failed before");
      }
      throw new LtxException(
          Kind.TRUNCATED,
          "the file ends early, in %s, at offset %d".formatted(section.label, position + buffered));
    }
    return trailer;
  }

  /** Whether the header has come whole. */
  public boolean hasHeader() {
    return header != null;
  }

  /** The header. Only to be asked for once {@link #hasHeader} is true. */
  public LtxHeader header() {
    return known(header);
  }

  /** Where the frames are. Only to be asked for after {@link #finish}. */
  public FrameIndex index() {
    return known(index);
  }

  /** What an earlier section has set. */
  private static <T> T known(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("this part of the file has not come yet");
    }
    return value;
  }

  /** Uses an item in place if it is there whole, and collects it if not; returns bytes taken. */
  private int takeItem(byte[] bytes, int at, int available) throws LtxException, IOException {
    if (buffered == 0) {
      wanted = itemSize(bytes, at, available);
      if (wanted <= available) {
        useItem(bytes, at, wanted);
        return wanted;
      }
    }
    int taken = Math.min(available, wanted - buffered);
    System.arraycopy(bytes, at, buffer, buffered, taken);
    buffered += taken;
    if (buffered == wanted) {
      wanted = itemSize(buffer, 0, buffered);
      if (buffered == wanted) {
        buffered = 0;
        useItem(buffer, 0, wanted);
      }
    }
    return taken;
  }

  /**
   * The size of the current item, if it is not above {@code available}; else how many bytes of it
   * must be there to tell more. Never more than the buffer holds.
   */
  private int itemSize(byte[] bytes, int at, int available) throws LtxException {
    return switch (section) {
      case HEADER -> LtxHeader.SIZE;
      case TRAILER -> LtxTrailer.SIZE;
      default -> frameSize(bytes, at, available);
    };
  }

  private int frameSize(byte[] bytes, int at, int available) throws LtxException {
    if (available < Frames.HEADER_SIZE) {
      return Frames.HEADER_SIZE;
    }
    int pgno = BigEndian.getInt(bytes, at);
    int flags = BigEndian.getShort(bytes, at + 4);
    if (pgno == 0) {
      return Frames.END_MARKER_SIZE;
    }
    if (Frames.hasBlock(pgno, flags)) {
      if (available < Frames.BLOCK_HEADER_SIZE) {
        return Frames.BLOCK_HEADER_SIZE;
      }
      int payload = BigEndian.getInt(bytes, at + Frames.HEADER_SIZE);
      Frames.checkPayload(pgno, payload, page.length);
      return Frames.BLOCK_HEADER_SIZE + payload;
    }
    // No further than a frame may reach: what is refused must not depend on how much has come.
    int maxSize = Frames.maxSize(page.length);
    int seen = Math.min(available, maxSize) - Frames.HEADER_SIZE;
    long size = Frames.HEADER_SIZE + lz4Extent.size(bytes, at + Frames.HEADER_SIZE, seen);
    if (size > maxSize) {
      throw Frames.invalid(
          pgno, "its LZ4 frame has at least %d bytes, too many for a page".formatted(size));
    }
    return (int) size;
  }

  private void useItem(byte[] bytes, int at, int length) throws LtxException, IOException {
    switch (section) {
      case HEADER -> useHeader(bytes, at);
      case TRAILER -> useTrailer(bytes, at);
      default -> useFrame(bytes, at, length);
    }
    position += length;
  }

  private void useHeader(byte[] bytes, int at) throws LtxException {
    LtxHeader parsed = LtxHeader.parse(bytes, at, LtxHeader.SIZE);
    header = parsed;
    order = new PageOrder(parsed, Kind.FRAME);
    frames = new FrameIndexBuilder(parsed.pageSize());
    crc.update(bytes, at, LtxHeader.SIZE);
    page = new byte[parsed.pageSize()];
    buffer = new byte[Frames.maxSize(parsed.pageSize())];
    section = Section.FRAME;
  }

  private void useFrame(byte[] bytes, int at, int length) throws LtxException, IOException {
    PageOrder order = known(this.order);
    int pgno = BigEndian.getInt(bytes, at);
    int flags = BigEndian.getShort(bytes, at + 4);
    if (pgno == 0) {
      if (flags != 0) {
        throw Frames.invalid(pgno, "it has flags, so it is not the end marker either");
      }
      order.end();
      crc.update(bytes, at, length);
      beginIndex();
      return;
    }
    order.next(Integer.toUnsignedLong(pgno));
    Frames.decode(bytes, at, length, pgno, page.length, page, 0);
    known(frames).add(pgno, length);
    lz4Extent.reset();
    crc.update(bytes, at, Frames.hashedSize(bytes, at));
    crc.update(page, 0, page.length);
    if (sumsDatabase()) {
      databaseChecksum =
          PageChecksum.toggle(databaseChecksum, PageChecksum.of(pgno, page, 0, page.length));
    }
    sink.page(pgno, page);
  }

  /** Only a snapshot has every page that the database checksum is made of. */
  private boolean sumsDatabase() {
    LtxHeader header = known(this.header);
    return header.isSnapshot() && !header.noChecksum();
  }

  private void beginIndex() {
    indexParser = IndexParser.ofUnknownLength(known(header), position + Frames.END_MARKER_SIZE);
    section = Section.INDEX;
  }

  private int takeIndex(byte[] bytes, int at, int available) throws LtxException {
    IndexParser parser = known(indexParser);
    int taken = parser.parse(bytes, at, available);
    crc.update(bytes, at, taken);
    position += taken;
    if (parser.isComplete()) {
      FrameIndex seen = known(frames).build();
      parser.finish().checkIs(seen);
      index = seen;
      section = Section.TRAILER;
    }
    return taken;
  }

  private void useTrailer(byte[] bytes, int at) throws LtxException {
    LtxTrailer parsed = LtxTrailer.parse(bytes, at, known(header));
    crc.update(bytes, at, Long.BYTES);
    LtxTrailer.checkFile(parsed.fileChecksum(), crc.checksum());
    if (sumsDatabase() && databaseChecksum != parsed.postApplyChecksum()) {
      throw new LtxException(
          Kind.CHECKSUM,
          "the database checksum is %016x, but the pages have %016x"
              .formatted(parsed.postApplyChecksum(), databaseChecksum));
    }
    trailer = parsed;
    section = Section.END;
  }
}
