package dev.rivulet.sqlite;

import dev.rivulet.natives.NativeLibrary;
import dev.rivulet.natives.Publication;
import dev.rivulet.page.View;
import dev.rivulet.store.Environment;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** What Java asks of the C shim (ask.c). Addresses are the shim's own, and only passed back. */
final class Shim {
  /** C's {@code getenv}: what the host has set by now, not what it was started with. */
  static final Environment ENVIRONMENT = Shim::getenv;

  private Shim() {}

  /** Loads the library and offers it the class that SQLite's calls go to. Idempotent. */
  static void adopt(Class<?> vfs) {
    NativeLibrary.load();
    adopt0(vfs);
  }

  /** Whether the connection of this file was interrupted; false before SQLite 3.41. */
  static boolean isInterrupted(long file) {
    return isInterrupted0(file);
  }

  /** {@code sqlite3_log} of the SQLite that opened the file. */
  static void log(long registration, int code, String message) {
    log0(registration, code, message.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * What the transaction reads that begins now.
   *
   * @param local where C finds the pages of a local file; 0 if there is none
   * @param lineage of which of the replica's histories the view is
   */
  static void view(long file, long local, View view, long lineage) {
    view0(file, local, view.txid().value(), lineage, view.bytes());
  }

  /**
   * How long the next transaction may begin without asking.
   *
   * @param seen the publication's number when the view was taken
   * @param until {@link System#nanoTime} from which on it must ask
   */
  static void until(long file, Publication publication, long seen, long until) {
    until0(file, publication.address(), seen, until);
  }

  private static @Nullable String getenv(String name) {
    byte[] value = getenv0((name + "\0").getBytes(StandardCharsets.UTF_8));
    return value == null ? null : new String(value, StandardCharsets.UTF_8);
  }

  private static native void adopt0(Class<?> vfs);

  private static native boolean isInterrupted0(long file);

  private static native void log0(long registration, int code, byte[] message);

  private static native void view0(long file, long local, long txid, long lineage, long bytes);

  private static native void until0(long file, long publication, long seen, long until);

  private static native byte @Nullable [] getenv0(byte[] name);
}
