package dev.rivulet.page;

/**
 * One frame that is wanted.
 *
 * @param file the file it lies in
 * @param rank its place in the file's index
 */
record FrameRef(IndexedFile file, int rank) {
  long offset() {
    return file.index().offset(rank);
  }

  long end() {
    return file.index().offset(rank) + file.index().size(rank);
  }
}
