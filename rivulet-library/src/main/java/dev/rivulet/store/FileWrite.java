package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * One write of a file: whole under a temporary name, synced, then put in place by one system call,
 * and the folder synced, so that after a crash the object is there whole or not at all.
 */
final class FileWrite {
  private static final String TEMPORARY_PREFIX = ".rivulet-";
  private static final String TEMPORARY_SUFFIX = ".tmp";

  /** Java's file locks are the process's: threads need one of their own. */
  private static final Object IN_THIS_PROCESS = new Object();

  private final Path root;
  private final Path file;
  private final PutRequest request;

  FileWrite(Path root, Path file, PutRequest request) {
    this.root = root;
    this.file = file;
    this.request = request;
  }

  /** Names that listings leave out. */
  static boolean isTemporary(String name) {
    return name.startsWith(TEMPORARY_PREFIX) && name.endsWith(TEMPORARY_SUFFIX);
  }

  ObjectVersion run() throws IOException {
    Path folder = file.getParent();
    if (folder == null) {
      throw MemoryStore.missing(request.key());
    }
    Files.createDirectories(folder);
    if (Files.isDirectory(file)) {
      throw new StoreException(OTHER, "Object " + request.key() + " would replace a folder.");
    }
    // createTempFile makes it readable by its owner only, as Litestream does.
    Path temporary = Files.createTempFile(folder, TEMPORARY_PREFIX, TEMPORARY_SUFFIX);
    try {
      write(temporary);
      place(temporary);
      BasicFileAttributes written = FileStore.attributes(file);
      syncFolder(folder);
      return new ObjectVersion(FileStore.etag(written), request.content().length());
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private void write(Path temporary) throws IOException {
    long written = 0;
    try (InputStream in = request.content().open();
        FileChannel out = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      byte[] chunk = new byte[64 * 1024];
      for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
        ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, n);
        while (bytes.hasRemaining()) {
          written += out.write(bytes);
        }
      }
      out.force(true);
    }
    if (written != request.content().length()) {
      throw MemoryStore.wrongLength(request, written);
    }
  }

  private void place(Path temporary) throws IOException {
    switch (request.condition()) {
      case PutRequest.Condition.Always always ->
          Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      case PutRequest.Condition.IfAbsent absent -> {
        try {
          // link(2) fails if the name is taken; rename(2) would replace it.
          Files.createLink(file, temporary);
        } catch (FileAlreadyExistsException e) {
          throw MemoryStore.exists(request.key());
        } catch (UnsupportedOperationException e) {
          throw new StoreException(
              OTHER, "The file system of " + root + " has no hard links, which writing needs.", e);
        }
      }
      case PutRequest.Condition.IfMatch match -> placeIfMatch(temporary, match.etag());
    }
  }

  /** Compares and replaces under a lock that all processes of this kind of write take. */
  private void placeIfMatch(Path temporary, String etag) throws IOException {
    Path lockFile = root.resolve(TEMPORARY_PREFIX + "lock" + TEMPORARY_SUFFIX);
    synchronized (IN_THIS_PROCESS) {
      try (FileChannel channel =
              FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!lock.isValid() || !etag.equals(FileStore.etag(FileStore.attributes(file)))) {
          throw MemoryStore.changed(request.key());
        }
        Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (NoSuchFileException e) {
        throw MemoryStore.changed(request.key());
      }
    }
  }

  private static void syncFolder(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
