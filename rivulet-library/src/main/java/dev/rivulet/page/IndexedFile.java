package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.replica.LtxFile;
import org.jspecify.annotations.Nullable;

/**
 * An LTX file whose header and page index are known: what the entries of a page map point at.
 * Thread-safe. Two are equal if they have the same id.
 */
public final class IndexedFile {
  private final long id;
  private final LtxFile file;
  private final LtxHeader header;
  private final FrameIndex index;
  private volatile boolean awaitsChecksum;

  /**
   * A file of which there is no more to prove: its checksum is right, or only parts of it are read,
   * which have none.
   *
   * @param id unique in the page cache for this file of this replica: the file's part of a cache
   *     key; not 0
   * @param file its name, size and ETag
   * @param header its header
   * @param index where its frames are
   */
  IndexedFile(long id, LtxFile file, LtxHeader header, FrameIndex index) {
    this.id = id;
    this.file = file;
    this.header = header;
    this.index = index;
  }

  /** A file that was read whole, none of whose pages may be used before its checksum agrees. */
  static IndexedFile unproven(long id, LtxFile file, LtxHeader header, FrameIndex index) {
    IndexedFile indexed = new IndexedFile(id, file, header, index);
    indexed.awaitsChecksum = true;
    return indexed;
  }

  /** The file's part of a page's key in the cache. */
  long id() {
    return id;
  }

  /** Its name, size and ETag. */
  public LtxFile file() {
    return file;
  }

  public LtxHeader header() {
    return header;
  }

  /** Where its frames are. */
  public FrameIndex index() {
    return index;
  }

  /** Whether its checksum is to be compared ({@link WholeFiles#prove}) before a page is used. */
  boolean awaitsChecksum() {
    return awaitsChecksum;
  }

  /** Its checksum was compared, and agrees. */
  void proven() {
    awaitsChecksum = false;
  }

  /** Whether it holds every page of the database after it, so that nothing older is needed. */
  boolean isComplete() {
    int lockPage = PageSize.lockPage(header.pageSize());
    int pages = header.commit() - (header.commit() >= lockPage ? 1 : 0);
    return index.count() == pages && pages > 0;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof IndexedFile f && f.id == id;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }

  @Override
  public String toString() {
    return file.key();
  }
}
