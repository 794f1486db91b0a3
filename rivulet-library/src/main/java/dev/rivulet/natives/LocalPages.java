package dev.rivulet.natives;

/**
 * What C must know of a local file to read pages of it without Java (localpages.h). A call into
 * Java and one back for each page would take a fifth of a scan's time.
 *
 * <p>Thread-safe but for {@link #close}, which must come after the last read.
 */
public final class LocalPages implements AutoCloseable {
  /** {@link #read}: the page is not there. */
  public static final int NO = 0;

  /** {@link #read}: copied. */
  public static final int YES = 1;

  /** {@link #read}: the page is there, and nobody has looked at its checksum. */
  public static final int UNVERIFIED = 2;

  /** Stamps of pages, in memory that C reads. */
  public static final class Stamps implements AutoCloseable {
    private final long address;
    private final int pages;

    /** Of pages 1 to {@code pages}, all of them 0. */
    public Stamps(int pages) {
      this.address = check(createStamps0(pages));
      this.pages = pages;
    }

    /** The last page that there is a stamp for. */
    public int pages() {
      return pages;
    }

    /** 0 of a page that there is no stamp for. */
    public long get(int pgno) {
      return pgno > 0 && pgno <= pages ? stamp0(address, pgno) : 0;
    }

    /** Sets a stamp; whoever reads the page next sees it. */
    public void set(int pgno, long stamp) {
      if (pgno <= 0 || pgno > pages) {
        throw new IndexOutOfBoundsException("page " + pgno + " of " + pages);
      }
      setStamp0(address, pgno, stamp);
    }

    @Override
    public void close() {
      free0(address);
    }
  }

  static {
    NativeLibrary.load();
  }

  private final long address;
  private final int pageSize;

  /** The pages of a file, which must stay open for longer. */
  public LocalPages(NativeFile file, int pageSize) {
    this.pageSize = pageSize;
    this.address = check(create0(file.fd(), pageSize));
  }

  private static long check(long address) {
    if (address == 0) {
      throw new OutOfMemoryError("no native memory for a local file's pages");
    }
    return address;
  }

  /** What C is given. */
  public long address() {
    return address;
  }

  /**
   * Says what holds from now on.
   *
   * @param stamps must be kept until {@link #close}
   * @param newest the TXID up to which they are right
   * @param lineage of which history
   */
  public void set(Stamps stamps, long newest, long lineage) {
    set0(address, stamps.address, newest, lineage);
  }

  /**
   * Copies a part of a page of a view.
   *
   * @param at where it lies in the file
   * @param to an address with room for it; undefined unless the answer is {@link #YES}
   */
  public int read(long txid, long lineage, long at, long to, int length) {
    if (at < 0 || length < 0 || length > pageSize) {
      throw new IndexOutOfBoundsException(length + " bytes at " + at);
    }
    return read0(address, txid, lineage, at, to, length);
  }

  @Override
  public void close() {
    free0(address);
  }

  private static native long create0(int fd, int pageSize);

  private static native void set0(long address, long stamps, long newest, long lineage);

  private static native int read0(
      long address, long txid, long lineage, long at, long to, int length);

  private static native long createStamps0(int pages);

  private static native long stamp0(long stamps, int pgno);

  private static native void setStamp0(long stamps, int pgno, long stamp);

  private static native void free0(long address);
}
