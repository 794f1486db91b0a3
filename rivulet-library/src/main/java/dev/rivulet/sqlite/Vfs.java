package dev.rivulet.sqlite;

import dev.rivulet.db.Databases;
import dev.rivulet.db.LogSettings;
import dev.rivulet.db.Settings;
import dev.rivulet.log.Log;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * SQLite's calls, as the C shim (calls.c) passes them on. Its methods are found there by name and
 * signature, and every one but {@link #initialize} is called by C only.
 *
 * <p>Thread-safe as far as SQLite's rules go: calls on one file never overlap, calls on different
 * files do.
 */
public final class Vfs {
  /**
   * {@code rivulet.train}: end the JVM in good order at exit, so that it writes its AOT records.
   */
  private static final boolean TRAINING = Boolean.getBoolean("rivulet.train");

  /** At exit a store that does not answer must not keep the host from ending. */
  private static final int SHUTDOWN_SECONDS = 5;

  private Vfs() {}

  /**
   * Makes SQLite's calls arrive here. Idempotent and thread-safe.
   *
   * @throws UnsatisfiedLinkError if the native library cannot be loaded; the message names it
   */
  public static void initialize() {
    Shim.adopt(Vfs.class);
  }

  /** xOpen. Null is a failure; {@link #failureCode} has its code. */
  static @Nullable OpenFile open(byte[] nameAndParameters, long file, long registration) {
    String name = "a replica";
    try {
      OpenRequest request = OpenRequest.parse(nameAndParameters);
      name = request.displayName();
      LogSettings.apply(Shim.ENVIRONMENT);
      Settings settings = Settings.resolve(request.name(), request.parameters(), Shim.ENVIRONMENT);
      return OpenFile.open(request, settings, file, registration);
    } catch (Throwable e) {
      Failure.report("cannot open " + name, e, registration, ResultCode.CANTOPEN);
      return null;
    }
  }

  static int failureCode() {
    return LastError.code();
  }

  static void close(OpenFile file) {
    try {
      file.close();
    } catch (Throwable e) {
      Failure.report("cannot close " + file.name, e, file.registration, ResultCode.ERROR);
    }
  }

  /** xRead. What a short read leaves is zeros already. */
  static int read(OpenFile file, long address, int length, long offset) {
    try {
      return file.session().read(address, length, offset)
          ? ResultCode.OK
          : ResultCode.IOERR_SHORT_READ;
    } catch (Throwable e) {
      return Failure.report(
          "cannot read " + file.name, e, file.registration, ResultCode.IOERR_READ);
    }
  }

  /** xFileSize, in bytes; a code negated if it failed. */
  static long size(OpenFile file) {
    try {
      return file.session().size();
    } catch (Throwable e) {
      return -Failure.report(
          "cannot tell the size of " + file.name, e, file.registration, ResultCode.IOERR_FSTAT);
    }
  }

  /** xLock(SHARED): the start of a read transaction. */
  static int begin(OpenFile file) {
    try {
      file.begin();
      return ResultCode.OK;
    } catch (Throwable e) {
      return Failure.report(
          "cannot begin to read " + file.name, e, file.registration, ResultCode.IOERR_LOCK);
    }
  }

  /** A transaction has begun without {@link #begin}, on the view of the one before. */
  static void resume(OpenFile file) {
    file.resume();
  }

  /** xUnlock(NONE). */
  static void end(OpenFile file) {
    try {
      file.end();
    } catch (Throwable e) {
      Failure.report("cannot end reading " + file.name, e, file.registration, ResultCode.ERROR);
    }
  }

  /** Whatever begins a write. */
  static void refuseWrite(OpenFile file) {
    try {
      if (file.firstRefusal()) {
        String message =
            "cannot write to "
                + file.name
                + ": a replica is opened for reading only; write to the primary";
        LastError.set(ResultCode.READONLY, message);
        Log.warn(message);
        Shim.log(file.registration, ResultCode.READONLY, message);
      }
    } catch (Throwable e) {
      // Out of memory for the reason; SQLITE_READONLY is answered in any case.
      LastError.clear();
    }
  }

  /** A pragma or a function, to ask or to set. Null: not even a message could be made. */
  static byte @Nullable [] property(OpenFile file, byte[] name, byte @Nullable [] value) {
    try {
      return Properties.answer(file.session(), name, value);
    } catch (Throwable e) {
      Failure.report("a question to " + file.name, e, file.registration, ResultCode.ERROR);
      String message = LastError.message();
      return e instanceof OutOfMemoryError || message == null
          ? null
          : Properties.text('e', message);
    }
  }

  /** At the host's exit. True if the JVM should be destroyed rather than left. */
  static boolean shutdown() {
    try {
      Thread closer = new Thread(Databases::closeAll, "rivulet-shutdown");
      closer.setDaemon(true);
      closer.start();
      closer.join(TimeUnit.SECONDS.toMillis(SHUTDOWN_SECONDS));
    } catch (Throwable e) {
      return false;
    }
    return TRAINING;
  }
}
