package dev.rivulet.sqlite;

import dev.rivulet.db.Databases;
import dev.rivulet.log.Log;
import dev.rivulet.log.OutOfMemory;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

/** Turns what was thrown into a result code, and says it: log, sqlite3_log, {@link LastError}. */
final class Failure {
  private Failure() {}

  /**
   * @param what the action that failed, to stand before the reason: "cannot open my.db"
   * @param otherwise the code if the kind of failure has none of its own
   */
  static int report(String what, Throwable thrown, long registration, int otherwise) {
    int code = code(thrown, otherwise);
    if (code == ResultCode.NOMEM) {
      Databases.memoryIsShort();
    }
    try {
      String message = what + ": " + reason(thrown);
      LastError.set(code, message);
      if (code == ResultCode.INTERRUPT) {
        return code; // what the host asked for is no news to it
      }
      Log.error(message);
      if (thrown instanceof RuntimeException || thrown instanceof Error) {
        Log.debug(() -> trace(thrown));
      }
      Shim.log(registration, code, message);
    } catch (Throwable again) {
      // There is no memory or stack to say more with. The code still is right.
      if (code == ResultCode.NOMEM) {
        Log.outOfMemory();
      }
      return code;
    }
    return code;
  }

  private static int code(Throwable thrown, int otherwise) {
    if (OutOfMemory.isCauseOf(thrown)) {
      return ResultCode.NOMEM;
    }
    return thrown instanceof InterruptedIOException ? ResultCode.INTERRUPT : otherwise;
  }

  /** The sentence for the operator. Messages of our own exceptions are sentences already. */
  static String reason(Throwable thrown) {
    if (OutOfMemory.isCauseOf(thrown)) {
      return OutOfMemory.ADVICE;
    }
    if (thrown instanceof UncheckedIOException unchecked && unchecked.getCause() != null) {
      return reason(unchecked.getCause());
    }
    String message = thrown.getMessage();
    boolean ours =
        thrown.getClass() == IOException.class
            || thrown.getClass().getName().startsWith("dev.rivulet.");
    if (message != null && ours) {
      return message;
    }
    // java.nio's exceptions have a bare path for a message, and a bug's has anything or nothing.
    String kind = thrown.getClass().getSimpleName();
    return message == null ? kind : kind + ": " + message;
  }

  private static String trace(Throwable thrown) {
    StringBuilder text = new StringBuilder(thrown.toString());
    for (StackTraceElement element : thrown.getStackTrace()) {
      text.append(" at ").append(element);
    }
    return text.toString();
  }
}
