package dev.rivulet.page;

import dev.rivulet.natives.NativeFile;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.store.ByteSink;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file without a name: it is for this process only, and gone with it, however it ends.
 * Thread-safe.
 */
final class TemporaryFile implements ScratchFile {
  /** Read at once: long enough for the disk, and soon decoded. */
  private static final int CHUNK = 64 * 1024;

  private final NativeFile file;
  private final long room;

  private TemporaryFile(NativeFile file, long room) {
    this.file = file;
    this.room = room;
  }

  /**
   * Makes one in the first folder that lets us.
   *
   * @throws IOException if there is none; the message says why the last one did not
   */
  static TemporaryFile in(List<Path> folders) throws IOException {
    IOException failure = new IOException("there is no folder for temporary files");
    for (Path folder : folders) {
      Path path = folder.resolve("rivulet-" + Long.toHexString(System.nanoTime()));
      try {
        NativeFile file = NativeFile.open(path, true);
        Files.delete(path);
        return new TemporaryFile(file, file.room());
      } catch (IOException e) {
        failure = new IOException("no temporary file in " + folder + ": " + e.getMessage(), e);
      }
    }
    throw failure;
  }

  @Override
  public long room() {
    return room;
  }

  @Override
  public void write(byte[] from, int offset, int length, long at) throws IOException {
    file.write(from, offset, length, at);
  }

  @Override
  public void read(long at, long length, ByteSink sink) throws IOException {
    int size = (int) Math.min(CHUNK, length);
    byte[] chunk = new byte[size];
    long address = NativeMemory.allocate(size);
    try {
      for (long done = 0; done < length; ) {
        int count = file.read(at + done, address, (int) Math.min(size, length - done));
        if (count == 0) {
          throw new IOException("the temporary file is shorter than it was");
        }
        NativeMemory.read(address, chunk, 0, count);
        sink.accept(chunk, 0, count);
        done += count;
      }
    } finally {
      NativeMemory.free(address);
    }
  }

  @Override
  public void empty() throws IOException {
    file.truncate(0);
  }

  @Override
  public void close() {
    file.close();
  }
}
