package dev.rivulet.page;

import org.jspecify.annotations.Nullable;

/**
 * One frame that is wanted.
 *
 * @param file the file it lies in
 * @param rank its place in the file's index
 */
record FrameRef(IndexedFile file, int rank) {
  // By hand, and not by a record's invokedynamic: see Txid.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof FrameRef f && f.rank == rank && f.file.equals(file);
  }

  @Override
  public int hashCode() {
    return file.hashCode() * 31 + rank;
  }

  long offset() {
    return file.index().offset(rank);
  }

  long end() {
    return file.index().offset(rank) + file.index().size(rank);
  }
}
