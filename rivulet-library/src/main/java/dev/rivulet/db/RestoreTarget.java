package dev.rivulet.db;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;

/**
 * Where a restored database is to lie.
 *
 * @param path of the database
 * @param replace whether what is there may go
 */
record RestoreTarget(Path path, boolean replace) {
  /**
   * What SQLite keeps beside a database. A log or journal of the old database would be applied to
   * the new one, and destroy it.
   */
  private static final List<String> COMPANIONS = List.of("-wal", "-shm", "-journal");

  private static final SecureRandom RANDOM = new SecureRandom();

  RestoreTarget {
    path = path.toAbsolutePath();
  }

  /**
   * Whether a restore may go there.
   *
   * @throws IOException if not; the message says what to do
   */
  void check() throws IOException {
    Path folder = folder();
    if (!Files.isDirectory(folder)) {
      throw new IOException("There is no folder " + folder + ": make it, or choose another output");
    }
    if (Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !Files.isRegularFile(path)) {
      throw new IOException(path + " exists and is no ordinary file: choose another output");
    }
    if (replace) {
      return;
    }
    refuseIfThere(path);
    for (String companion : COMPANIONS) {
      refuseIfThere(companion(companion));
    }
  }

  private static void refuseIfThere(Path file) throws IOException {
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          file
              + " exists already: remove it, choose another output, or let it be replaced"
              + " (--force)");
    }
  }

  /** A new name in the same folder, so that the final renaming is one step of the file system. */
  Path temporary() {
    byte[] random = new byte[4];
    RANDOM.nextBytes(random);
    return folder()
        .resolve("." + path.getFileName() + ".restore-" + HexFormat.of().formatHex(random));
  }

  /** Gives the complete file its name, for good. */
  void publish(Path temporary) throws IOException {
    check(); // it may have come into being meanwhile
    Path at = Files.isSymbolicLink(path) ? path.toRealPath() : path;
    if (replace) {
      for (String companion : COMPANIONS) {
        Files.deleteIfExists(companion(companion));
      }
    }
    Files.move(temporary, at, StandardCopyOption.ATOMIC_MOVE);
    try (FileChannel folder = FileChannel.open(folder(), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  /** Removes an incomplete file. */
  void discard(Path temporary) throws IOException {
    Files.deleteIfExists(temporary);
  }

  private Path companion(String suffix) {
    return path.resolveSibling(path.getFileName() + suffix);
  }

  /** The folder that the file really lies in. */
  private Path folder() {
    Path real = path;
    if (Files.isSymbolicLink(path)) {
      try {
        real = path.toRealPath();
      } catch (IOException e) {
        // It leads nowhere: check() refuses it.
      }
    }
    Path parent = real.getParent();
    return parent == null ? real : parent;
  }
}
