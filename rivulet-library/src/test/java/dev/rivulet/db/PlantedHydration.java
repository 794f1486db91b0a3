package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The real thing with one defect of Litestream's hydration, to see that it is found. */
final class PlantedHydration extends SimDatabase {
  /** The defects, by their names in reference/vfs-behaviour.md, section 16.7. */
  enum Defect {
    /** What is published while the file is filled changes nothing in it. */
    H1,
    /** Pages are read from the file whatever view is read. */
    H2,
    /** For a kept file, only what is new on level 0 is looked at. */
    H4,
    /** A shrink does not cut the file. */
    H9_SHRINK,
    /** The checksum of a file does not tell that it is damaged. */
    H9_CHECKSUM
  }

  private final Defect defect;

  PlantedHydration(
      Defect defect, SimStore store, PageCache cache, SimClock clock, @Nullable SimDisk disk) {
    super(store, cache, clock, disk);
    this.defect = defect;
    if (defect == Defect.H9_CHECKSUM) {
      store.forge();
    }
  }

  @Override
  SimHydration hydration(
      Database of,
      HydrationSettings own,
      Published at,
      Collection<LtxFile> listed,
      BooleanSupplier interrupted)
      throws IOException {
    // Anonymous, so that it knows its defect while it is made.
    return new SimHydration(disk(), of, own, at, listed, interrupted) {
      @Override
      List<IndexedFile> load(List<LtxFile> files, BooleanSupplier interrupted) throws IOException {
        boolean kept = file() == null; // still being made
        if (defect == Defect.H1 && !kept && !file().isComplete()) {
          return List.of();
        }
        return super.load(
            defect == Defect.H4 && kept
                ? files.stream().filter(f -> f.level() == 0).toList()
                : files,
            interrupted);
      }

      @Override
      void admit(Published next, BooleanSupplier interrupted) {
        byte[] before = defect == Defect.H9_SHRINK ? disk().bytes() : new byte[0];
        super.admit(next, interrupted);
        disk().append(before);
      }
    };
  }

  @Override
  public Connection connect() throws IOException {
    Connection real = super.connect();
    return defect == Defect.H2 ? new Unisolated(((SessionConnection) real).session) : real;
  }

  /** Looks into the local file without a thought of the view. */
  private final class Unisolated extends SessionConnection {
    Unisolated(Session session) {
      super(session);
    }

    @Override
    public boolean read(long to, int length, long offset) throws IOException {
      HydratedFile file = database().hydration().file();
      View view = view();
      if (file != null && offset < view.bytes()) {
        int pgno = (int) (offset / view.pageSize()) + 1;
        if (file.read(file.view(), file.lineage(), pgno, 0, length, to)) {
          if (pgno == 1) {
            HeaderPatch.apply(view, 0, length, to);
          }
          return true;
        }
      }
      return super.read(to, length, offset);
    }
  }
}
