package dev.rivulet.log;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The process's log. One line each: time, level, message. Thread-safe; a line is never torn.
 *
 * <p>Messages are sentences for the operator and hold no secret: callers log URLs without their
 * user part and never a credential.
 */
public final class Log {
  /** Levels in ascending severity; {@code OFF} silences everything. */
  public enum Level {
    DEBUG,
    INFO,
    WARN,
    ERROR,
    OFF
  }

  /**
   * What there is to say where there is no memory to say it with; made while there is. Without a
   * time, for that would have to be written; of constants, for this is made at each start.
   */
  private static final byte[] OUT_OF_MEMORY =
      ("ERROR rivulet: " + OutOfMemory.ADVICE + "\n").getBytes(StandardCharsets.US_ASCII);

  /** The same as System.err's, which may want a larger buffer. */
  private static final OutputStream STDERR = new FileOutputStream(FileDescriptor.err);

  private static volatile Level threshold = Level.WARN;
  private static volatile @Nullable OutputStream file;
  private static String fileName = "";

  private Log() {}

  /**
   * Sets the threshold and where lines go.
   *
   * @param path a file to append to, or empty for stderr
   * @throws IOException if the file cannot be opened; the log is then as before
   */
  public static synchronized void configure(Level level, String path) throws IOException {
    if (!path.equals(fileName)) {
      OutputStream before = file;
      file = path.isEmpty() ? null : new FileOutputStream(path, true);
      fileName = path;
      if (before != null) {
        before.close();
      }
    }
    threshold = level;
  }

  /** Whether a line of this level would be written. */
  public static boolean enabled(Level level) {
    return level.compareTo(threshold) >= 0;
  }

  public static void debug(Supplier<String> message) {
    if (enabled(Level.DEBUG)) {
      write(Level.DEBUG, message.get());
    }
  }

  public static void info(String message) {
    write(Level.INFO, message);
  }

  public static void warn(String message) {
    write(Level.WARN, message);
  }

  public static void error(String message) {
    write(Level.ERROR, message);
  }

  /**
   * Says that there is no memory left and what to do, and allocates nothing. The time is missing.
   */
  public static void outOfMemory() {
    if (!enabled(Level.ERROR)) {
      return;
    }
    OutputStream out = file;
    try {
      (out == null ? STDERR : out).write(OUT_OF_MEMORY);
    } catch (IOException | OutOfMemoryError e) {
      // Nothing is left to say it with.
    }
  }

  private static synchronized void write(Level level, String message) {
    if (!enabled(level)) {
      return;
    }
    // A name or message from a database, URL or store must not forge a second line.
    String line =
        Instant.now().truncatedTo(ChronoUnit.MILLIS)
            + " "
            + level
            + " rivulet: "
            + message.replaceAll("\\p{Cntrl}+", " ")
            + "\n";
    try {
      OutputStream out = file;
      if (out == null) {
        System.err.print(line);
        System.err.flush();
      } else {
        out.write(line.getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      System.err.print(line);
    }
  }
}
