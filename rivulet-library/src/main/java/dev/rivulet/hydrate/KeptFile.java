package dev.rivulet.hydrate;

import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.NativeFile;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * The local file and its sidecar between two runs. Not thread-safe.
 *
 * @param path where the local file lies
 */
public record KeptFile(Path path) {
  /** Gives the headers and indexes of LTX files. */
  public interface Loader {
    List<IndexedFile> load(List<LtxFile> files) throws IOException;
  }

  /** Somebody else uses the file, or it is not ours: nothing was touched. */
  public static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1;

    RefusedException(String message) {
      super(message);
    }
  }

  /**
   * Opens the file, with what can be believed of it.
   *
   * @param view the newest view, which is admitted with this
   * @param listed files of the replica, which may prove what the file is of
   * @param loader asked for files of the view's plan
   * @throws RefusedException if it is used by another process, or is another program's
   */
  public HydratedFile open(
      ReplicaPages pages, View view, int lineage, Collection<LtxFile> listed, Loader loader)
      throws IOException {
    Path side = Sidecar.of(path);
    boolean ours = Files.exists(side);
    NativeFile file = NativeFile.open(path, false);
    try {
      if (!file.tryLock()) {
        throw new RefusedException("another process, or another database of this one, uses it");
      }
      if (!ours && file.size() > 0) {
        throw new RefusedException(
            "it exists, and was not made by hydration: remove it, or choose another path");
      }
      Sidecar sidecar = ours ? Sidecar.read(side) : null;
      if (sidecar != null) {
        long proven = sidecar.proven(view, listed);
        if (proven > 0) {
          return believe(sidecar, proven, file, pages, view, lineage, loader);
        }
        sidecar.stamps().close();
      }
      // From now on the file is ours, whatever happens. Nothing is said of it yet for which
      // somebody who waits for his first row should wait for a disk.
      try (Stamps none = new Stamps(view.commit())) {
        Sidecar.put(side, Sidecar.write(view, none, List.of()), false);
      }
      file.truncate(0);
      return new HydratedFile(file, pages, view, lineage);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  private static HydratedFile believe(
      Sidecar sidecar,
      long proven,
      NativeFile file,
      ReplicaPages pages,
      View view,
      int lineage,
      Loader loader)
      throws IOException {
    List<IndexedFile> newer;
    try {
      newer = loader.load(newer(view, new Txid(proven)));
    } catch (IOException | RuntimeException | Error e) {
      sidecar.stamps().close();
      throw e;
    }
    sidecar.forgetAfter(proven);
    return HydratedFile.kept(
        file, pages, sidecar.stamps(), sidecar.reads(), proven, view, lineage, newer);
  }

  /** The files of a view's plan that end after a TXID. */
  public static List<LtxFile> newer(View view, Txid txid) {
    List<LtxFile> newer = new ArrayList<>();
    for (LtxFile f : view.plan().files()) {
      if (f.max().after(txid)) {
        newer.add(f);
      }
    }
    return newer;
  }

  /** Opens a file that leaves nothing behind, however the process ends. */
  public HydratedFile openUnnamed(ReplicaPages pages, View view, int lineage) throws IOException {
    if (Files.exists(Sidecar.of(path)) || isEmpty()) {
      discard();
    }
    NativeFile file;
    try {
      file = NativeFile.open(path, true);
    } catch (IOException e) {
      if (Files.exists(path)) {
        throw new RefusedException(
            "it exists, and was not made by hydration: remove it, or choose another path");
      }
      throw e;
    }
    try {
      Files.delete(path);
      return new HydratedFile(file, pages, view, lineage);
    } catch (IOException | RuntimeException | Error e) {
      file.close();
      throw e;
    }
  }

  /** What a process leaves that ends between making the file and taking its name away. */
  private boolean isEmpty() throws IOException {
    return Files.isRegularFile(path) && Files.size(path) == 0;
  }

  /** Removes a kept file that nobody uses. */
  private void discard() throws IOException {
    try (NativeFile file = NativeFile.open(path, false)) {
      if (!file.tryLock()) {
        throw new RefusedException("another process, or another database of this one, uses it");
      }
      Files.deleteIfExists(path);
      Files.deleteIfExists(Sidecar.of(path));
    }
  }

  /**
   * Writes the sidecar of the present moment.
   *
   * @param forGood whether to wait until the disk has it
   */
  public void note(HydratedFile hydrated, boolean forGood) throws IOException {
    Sidecar.put(Sidecar.of(path), hydrated.describe(Sidecar::write), forGood);
  }
}
