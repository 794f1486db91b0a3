package dev.rivulet.sqlite;

import dev.rivulet.log.Log;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;

/** Turns what was thrown into a result code, and says it: log, sqlite3_log, {@link LastError}. */
final class Failure {
  private static final String OUT_OF_MEMORY =
      "out of memory in the Java VM: its heap is -Xmx in lib/jvm.options";

  /** More than any chain of ours has; one may lead in a circle. */
  private static final int CAUSES = 16;

  private Failure() {}

  /**
   * @param what the action that failed, to stand before the reason: "cannot open my.db"
   * @param otherwise the code if the kind of failure has none of its own
   */
  static int report(String what, Throwable thrown, long registration, int otherwise) {
    int code = code(thrown, otherwise);
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
      // There is no memory or stack to say it with. The code still is right.
      return code;
    }
    return code;
  }

  private static int code(Throwable thrown, int otherwise) {
    if (isOutOfMemory(thrown)) {
      return ResultCode.NOMEM;
    }
    return thrown instanceof InterruptedIOException ? ResultCode.INTERRUPT : otherwise;
  }

  /** Also where a request's thread had none, and what waited for it was told of a failed read. */
  private static boolean isOutOfMemory(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < CAUSES; depth++) {
      if (cause instanceof OutOfMemoryError) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }

  /** The sentence for the operator. Messages of our own exceptions are sentences already. */
  static String reason(Throwable thrown) {
    if (isOutOfMemory(thrown)) {
      return OUT_OF_MEMORY;
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
