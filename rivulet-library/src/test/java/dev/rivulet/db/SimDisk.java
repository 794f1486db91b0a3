package dev.rivulet.db;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;

/**
 * The disk that a simulated machine keeps its local file on: a real folder, and a memory of what
 * lay there at which moment, for what a loss of power leaves.
 */
final class SimDisk implements AutoCloseable {
  /** More moments than between two syncs would only repeat each other. */
  private static final int MOMENTS = 12;

  /** In memory, where there is such a folder: a seed writes some thousand times. */
  private static final Path SHARED_MEMORY = Path.of("/dev/shm");

  /** What a program sees at one time. */
  static final class Image {
    private final byte[] file;
    private final byte[] sidecar;

    private Image(byte[] file, byte[] sidecar) {
      this.file = file;
      this.sidecar = sidecar;
    }
  }

  private final Path folder;
  private final Path file;
  private final Path sidecar;

  /** Since the last sync, which is the first of them; so any page of them may be what is left. */
  private final List<Image> moments = new ArrayList<>();

  private final SplittableRandom random;

  SimDisk(SplittableRandom random) {
    this.random = random;
    try {
      folder =
          Files.isWritable(SHARED_MEMORY)
              ? Files.createTempDirectory(SHARED_MEMORY, "rivulet-simulation")
              : Files.createTempDirectory("rivulet-simulation");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    file = folder.resolve("local.db");
    sidecar = folder.resolve("local.db.rivulet");
  }

  /** Where the local file lies. */
  Path file() {
    return file;
  }

  byte[] bytes() {
    return read(file);
  }

  /** What a program would find that began now. */
  Image image() {
    return new Image(read(file), read(sidecar));
  }

  private static byte[] read(Path path) {
    try {
      return Files.exists(path) ? Files.readAllBytes(path) : new byte[0];
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Something was written that need not have reached the disk. */
  void written() {
    if (moments.size() == MOMENTS) {
      moments.remove(1 + random.nextInt(MOMENTS - 1));
    }
    moments.add(image());
  }

  /** Everything has reached the disk; of the sidecar, perhaps the version before it. */
  void synced() {
    Image now = image();
    byte[] before = moments.isEmpty() ? now.sidecar : moments.getLast().sidecar;
    moments.clear();
    moments.add(new Image(now.file, before));
    moments.add(now);
  }

  /**
   * What a loss of power leaves: of the local file each page of any moment since the last sync, in
   * any mixture, some of them of two, some never written; of the sidecar any version since then, or
   * a part of one.
   */
  Image afterPowerLoss() {
    if (moments.isEmpty()) {
      return image();
    }
    byte[] left = any().file.clone();
    for (int at = 0; at < left.length; at += SimPages.SIZE) {
      byte[] other = random.nextInt(16) == 0 ? new byte[left.length] : any().file;
      int from = at + (random.nextInt(8) == 0 ? random.nextInt(SimPages.SIZE) : 0);
      int end = Math.min(at + SimPages.SIZE, Math.min(left.length, other.length));
      if (from < end) {
        System.arraycopy(other, from, left, from, end - from);
      }
    }
    byte[] note = any().sidecar;
    boolean torn = random.nextInt(8) == 0;
    return new Image(left, torn ? Arrays.copyOf(note, random.nextInt(note.length + 1)) : note);
  }

  private Image any() {
    return moments.get(random.nextInt(moments.size()));
  }

  /** Nobody has the file open: makes it what a moment has left. */
  void become(Image image) {
    try {
      Files.write(file, image.file);
      Files.write(sidecar, image.sidecar);
      if (random.nextInt(4) == 0) {
        // It ended while it wrote the next sidecar.
        int length = random.nextInt(image.sidecar.length + 1);
        Files.write(folder.resolve("local.db.rivulet.new"), Arrays.copyOf(image.sidecar, length));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    moments.clear();
    moments.add(image());
  }

  /** Somebody takes the local file away, perhaps while it is used. */
  void remove() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes the file longer again, as if it had never been cut. */
  void append(byte[] longer) {
    byte[] now = bytes();
    if (now.length < longer.length) {
      byte[] tail = Arrays.copyOfRange(longer, now.length, longer.length);
      try {
        Files.write(file, tail, java.nio.file.StandardOpenOption.APPEND);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path f : files.toList()) {
        Files.delete(f);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
