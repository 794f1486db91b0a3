package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.replica.LtxFile;

/**
 * An LTX file whose header and page index are known: what the entries of a page map point at.
 *
 * @param id unique in the page cache for this file of this replica: the file's part of a cache key
 * @param file its name, size and ETag
 * @param header its header
 * @param index where its frames are
 */
public record IndexedFile(long id, LtxFile file, LtxHeader header, FrameIndex index) {
  /** Whether it holds every page of the database after it, so that nothing older is needed. */
  boolean isComplete() {
    int lockPage = dev.rivulet.ltx.PageSize.lockPage(header.pageSize());
    int pages = header.commit() - (header.commit() >= lockPage ? 1 : 0);
    return index.count() == pages && pages > 0;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IndexedFile f && f.id == id;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(id);
  }
}
