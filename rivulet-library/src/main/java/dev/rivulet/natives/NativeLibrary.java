package dev.rivulet.natives;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Loads {@code litestream.so} into this JVM, once.
 *
 * <p>An embedded JVM was started by that very library and is told its path by the system property
 * {@value #PATH_PROPERTY}. A Java host has it inside the jar; it is copied to a private temporary
 * directory, because a library can only be loaded from a file.
 */
public final class NativeLibrary {
  /** Names the library file to load instead of the one in the jar. */
  public static final String PATH_PROPERTY = "rivulet.library";

  private static final String RESOURCE = "litestream.so";

  private NativeLibrary() {}

  /**
   * Loads the library if it is not loaded yet. Thread-safe.
   *
   * @throws UnsatisfiedLinkError if there is no library for this platform or it cannot be loaded;
   *     the message names the file
   */
  public static void load() {
    var unused = Holder.PATH;
  }

  /**
   * The file the library was loaded from; loads it if need be. SQLite can load it as an extension.
   */
  public static Path path() {
    return Holder.PATH;
  }

  private static final class Holder {
    static final Path PATH = loadNow();

    private static Path loadNow() {
      String given = System.getProperty(PATH_PROPERTY);
      Path file = given != null ? Path.of(given).toAbsolutePath() : unpack();
      System.load(file.toString());
      return file;
    }

    private static Path unpack() {
      String os = System.getProperty("os.name", "");
      String arch = System.getProperty("os.arch", "");
      try (InputStream in = NativeLibrary.class.getResourceAsStream(RESOURCE)) {
        if (in == null || !os.toLowerCase(Locale.ROOT).contains("linux")) {
          throw new UnsatisfiedLinkError(
              "Rivulet has no native library for " + os + " " + arch + " on the class path");
        }
        // createTempDirectory makes it readable by this user only: nobody can swap the file.
        Path directory = Files.createTempDirectory("rivulet-");
        Path file = directory.resolve(RESOURCE);
        Files.copy(in, file);
        directory.toFile().deleteOnExit(); // what is named last is deleted first
        file.toFile().deleteOnExit();
        return file;
      } catch (IOException e) {
        throw new UncheckedIOException(
            "Rivulet could not unpack its native library into java.io.tmpdir ("
                + System.getProperty("java.io.tmpdir")
                + ")",
            e);
      }
    }
  }
}
