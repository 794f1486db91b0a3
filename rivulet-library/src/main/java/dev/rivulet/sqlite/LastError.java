package dev.rivulet.sqlite;

import org.jspecify.annotations.Nullable;

/**
 * What went wrong last on this thread, for a driver whose SQLite tells only a code.
 *
 * <p>SQLite has no way for a VFS to give the text of an error at open or in a read; a driver in the
 * same JVM takes it from here after a call failed.
 */
public final class LastError {
  private static final ThreadLocal<@Nullable LastError> LAST = new ThreadLocal<>();

  private final int code;
  private final String message;

  private LastError(int code, String message) {
    this.code = code;
    this.message = message;
  }

  static void set(int code, String message) {
    LAST.set(new LastError(code, message));
  }

  static int code() {
    LastError last = LAST.get();
    // Nothing could be kept: that is what having no memory looks like.
    return last == null ? ResultCode.NOMEM : last.code;
  }

  /** Forgets the error of this thread; call it before the call that may fail. */
  public static void clear() {
    LAST.remove();
  }

  /**
   * The message of the last error of this thread, or null if there was none since it was cleared.
   */
  public static @Nullable String message() {
    LastError last = LAST.get();
    return last == null ? null : last.message;
  }
}
