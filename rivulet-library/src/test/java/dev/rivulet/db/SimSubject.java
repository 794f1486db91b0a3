package dev.rivulet.db;

import dev.rivulet.page.View;
import java.io.IOException;

/** What is tested: one replica as one process has it. */
interface SimSubject extends AutoCloseable {
  /** A connection, as SQLite uses it. */
  interface Connection extends AutoCloseable {
    void begin() throws IOException;

    void end();

    /** The view that the transaction reads. */
    View view();

    long size();

    boolean read(long to, int length, long offset) throws IOException;

    @Override
    void close();
  }

  Connection connect() throws IOException;

  /** Looks for newer transactions now. */
  void poll() throws IOException;

  @Override
  void close();
}
