package dev.rivulet.page;

import dev.rivulet.store.ByteSink;
import java.io.IOException;

/** Bytes on a disk that nobody needs when the process has ended. Thread-safe. */
interface ScratchFile {
  /** How long it could have become when it was made, in bytes. */
  long room();

  /** Writes all of a part of an array, beyond the end too. */
  void write(byte[] from, int offset, int length, long at) throws IOException;

  /**
   * Reads what was written, in order.
   *
   * @throws IOException if it cannot be read, or is not there; the sink has what came before
   */
  void read(long at, long length, ByteSink sink) throws IOException;

  /** Gives the disk back what it holds. It can still be written; what it held is not there. */
  void empty() throws IOException;

  /** Nobody will use it. */
  void close();
}
