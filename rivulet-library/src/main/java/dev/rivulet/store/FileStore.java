package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.FORBIDDEN;
import static dev.rivulet.store.StoreException.Kind.OTHER;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Objects as files below a folder.
 *
 * <p>Keys are hostile: none leads out of the folder by its name. Symbolic links in the folder are
 * followed, because who can make them there owns the replica anyway. An object's ETag is made of
 * its size, its time in nanoseconds and its inode. Metadata is not kept: a file has no place for
 * it. A folder that is not there is empty.
 */
public final class FileStore implements ObjectStore {
  /** Enough for a disk to stream, and little enough to keep eight of them at hand. */
  private static final int CHUNK = 256 * 1024;

  private final Path root;
  private final int patience;
  private final Workers workers = new Workers("rivulet-file");

  /**
   * @param root the folder; need not exist before the first write
   */
  public FileStore(Path root) {
    this(root, StoreLimits.defaults());
  }

  /**
   * @param limits of which only the patience counts: a read or listing that makes no progress for
   *     so long fails. Writes take the time they need.
   */
  FileStore(Path root, StoreLimits limits) {
    this.root = root.toAbsolutePath();
    patience = limits.patience();
  }

  private StoreException hangs() {
    return new StoreException(
        TEMPORARY,
        root + " did not answer within " + patience + " ms; check the file system it is on.");
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    return workers.run(
        alive -> {
          Keys.checkLimit(limit);
          try {
            return new FileListing(root, prefix, startAfter, limit).run();
          } catch (IOException e) {
            throw explain(e, root);
          }
        },
        patience,
        this::hangs);
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    return workers.run(
        alive -> {
          Path file = resolve(request.key());
          try {
            return read(file, request, sink, alive);
          } catch (NoSuchFileException | NotDirectoryException e) {
            throw MemoryStore.missing(request.key());
          } catch (IOException e) {
            throw explain(e, file);
          }
        },
        patience,
        this::hangs);
  }

  private static ObjectVersion read(
      Path file, GetRequest request, ByteSink sink, BooleanSupplier alive) throws IOException {
    while (true) {
      BasicFileAttributes before = attributes(file);
      if (!before.isRegularFile()) {
        throw MemoryStore.missing(request.key());
      }
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        // Java cannot ask an open file what it is: the name meant the same file before and after.
        String etag = etag(before);
        if (!etag.equals(etag(attributes(file)))) {
          continue;
        }
        if (!request.ifMatch().isEmpty() && !request.ifMatch().equals(etag)) {
          throw MemoryStore.changed(request.key());
        }
        if (request.range().end() > before.size()) {
          throw MemoryStore.beyond(request, before.size());
        }
        ObjectVersion version = new ObjectVersion(etag, before.size());
        if (alive.getAsBoolean()) {
          sink.begin(version);
          copy(channel, request.range(), sink, alive);
        }
        return version;
      }
    }
  }

  private static void copy(
      FileChannel channel, ByteRange range, ByteSink sink, BooleanSupplier alive)
      throws IOException {
    byte[] chunk = new byte[(int) Math.min(CHUNK, range.length())];
    long at = range.offset();
    while (at < range.end()) {
      int want = (int) Math.min(chunk.length, range.end() - at);
      int got = channel.read(ByteBuffer.wrap(chunk, 0, want), at);
      if (got < 0) {
        throw new EOFException("the file was cut short while it was read");
      }
      if (!alive.getAsBoolean()) {
        return;
      }
      sink.accept(chunk, 0, got);
      at += got;
    }
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    return workers.run(() -> {
      Path file = resolve(request.key());
      try {
        return new FileWrite(root, file, request).run();
      } catch (IOException e) {
        throw explain(e, file);
      }
    });
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    List<String> copy = List.copyOf(keys);
    return workers.run(() -> {
      for (String key : copy) {
        resolve(key);
      }
      for (String key : copy) {
        Path file = resolve(key);
        try {
          // A folder is no object; deleteIfExists would take an empty one.
          if (!Files.isDirectory(file)) {
            Files.deleteIfExists(file);
          }
        } catch (NotDirectoryException e) {
          // Some part of the path is a file, so the object is not there.
        } catch (IOException e) {
          throw explain(e, file);
        }
      }
      return null;
    });
  }

  @Override
  public void close() {
    workers.close();
  }

  /** The file of a key. {@link Keys#check} has refused what could lead elsewhere. */
  private Path resolve(String key) throws StoreException {
    Keys.check(key);
    String name = key.substring(key.lastIndexOf('/') + 1);
    boolean foreign = root.getFileSystem().getSeparator().equals("\\") && key.indexOf('\\') >= 0;
    if (foreign || FileWrite.isTemporary(name)) {
      throw new StoreException(OTHER, "\"" + key + "\" cannot be the key of a file.");
    }
    try {
      Path file = root.resolve(key).normalize();
      if (!file.startsWith(root.normalize())) {
        throw new StoreException(OTHER, "\"" + key + "\" leads out of the folder " + root + ".");
      }
      return file;
    } catch (InvalidPathException e) {
      throw new StoreException(
          OTHER,
          "\""
              + key
              + "\" cannot be a file name here; the locale may lack its characters"
              + " (try LC_ALL=C.UTF-8).",
          e);
    }
  }

  static BasicFileAttributes attributes(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class);
  }

  static String etag(BasicFileAttributes file) {
    Object inode = file.fileKey();
    return Long.toHexString(file.size())
        + "-"
        + Long.toHexString(file.lastModifiedTime().to(TimeUnit.NANOSECONDS))
        + "-"
        + (inode == null ? "" : Integer.toHexString(inode.hashCode()));
  }

  private static StoreException explain(IOException e, Path path) {
    if (e instanceof StoreException s) {
      return s;
    }
    if (e instanceof AccessDeniedException) {
      return new StoreException(
          FORBIDDEN, "The permissions of " + path + " do not allow this user to use it.", e);
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : e.getMessage();
    return new StoreException(
        OTHER, path + " cannot be used: " + (reason == null ? e.toString() : reason) + ".", e);
  }
}
