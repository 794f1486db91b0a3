package dev.rivulet.db;

import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.PageMap;
import dev.rivulet.page.PageReader;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import dev.rivulet.replica.Replica;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A follower by the rules of the released extension (reference/vfs-behaviour.md, section 9) over
 * the real listing, planning, indexes, cache and page reader, with all of its defects mended but
 * one: to see that the simulation finds each of them, and finds nothing where none is planted.
 */
final class PlantedFollower implements SimSubject {
  /** The defects, by their names in reference/vfs-behaviour.md, section 16.2. */
  enum Defect {
    NONE,
    /** Entries of level 1 overwrite those of level 0, whichever is newer. */
    I1,
    /** A level 1 file that is smaller than the newest state is taken for a shrink. */
    I2,
    /** Without a level 1 file in the plan, level 1 is expected to go on after the position. */
    I4,
    /** Level 1 files that overlap are an error. */
    I9,
    /** Entries only ever move to levels 0 and 1. */
    I13,
    /** A replica that was begun anew is not noticed. */
    I19
  }

  private static final int TRIES = 4;

  /** One state; never changed once it is published. */
  private record State(
      View view, Map<Integer, IndexedFile> index, Map<String, LtxFile> known, int lineage) {}

  private final Defect defect;
  private final Replica replica;
  private final ReplicaPages pages;
  private @Nullable State state;
  private int lastNumber;

  /** The last transaction seen on level 1. */
  private long level1;

  /** Whether that is only the position of the plan. */
  private boolean seeded;

  PlantedFollower(Defect defect, SimStore store, PageCache cache) {
    this.defect = defect;
    this.replica = new Replica(store, SimReplica.LAYOUT);
    this.pages = new ReplicaPages(store, cache, NetworkModel.fixed(0.025, 85e6));
  }

  private State current() {
    State s = state;
    if (s == null) {
      throw new IllegalStateException("nobody is connected yet");
    }
    return s;
  }

  @Override
  public void poll() throws IOException {
    State s = current();
    List<LtxFile> files = Waits.get(replica.listAll(), Opened.NEVER);
    if (defect != Defect.I19 && isOther(s, files)) {
      rebuild();
      return;
    }
    Map<Integer, IndexedFile> index = new HashMap<>(s.index);
    View view = s.view;
    try {
      view = level0(view, index, files);
      if (view == null) {
        rebuild();
        return;
      }
      int commit = level1(view, index, files);
      if (commit != view.commit()) {
        view = with(view, commit);
      }
      if (defect != Defect.I13 && !migrate(view, index, files)) {
        rebuild();
        return;
      }
    } catch (StaleFileException e) {
      rebuild();
      return;
    }
    publish(view, index, files, s.lineage);
  }

  /** A known transaction with another content; or nothing that is known, and nothing later. */
  private static boolean isOther(State s, List<LtxFile> files) {
    long max = 0;
    boolean anyKnown = false;
    for (LtxFile file : files) {
      LtxFile known = s.known.get(file.key());
      boolean same = known != null && known.etag().equals(file.etag());
      if (file.level() == 0 && known != null && !same) {
        return true;
      }
      anyKnown |= same;
      max = Math.max(max, file.max().value());
    }
    long before = s.view.txid().value();
    return max < before || max == before && !anyKnown;
  }

  /** Plans from the store; files that vanish meanwhile are a reason to look again. */
  private void rebuild() throws IOException {
    for (int i = 1; ; i++) {
      try {
        rebuildOnce();
        return;
      } catch (StaleFileException | PlanException e) {
        if (i == TRIES) {
          throw e;
        }
      }
    }
  }

  private void rebuildOnce() throws IOException {
    List<LtxFile> files = Waits.get(replica.listAll(), Opened.NEVER);
    Plan plan = Planner.latest(files);
    View view = Waits.get(pages.view(plan, lastNumber + 1), Opened.NEVER);
    Map<Integer, IndexedFile> index = new HashMap<>();
    for (int pgno = 1; pgno <= view.commit(); pgno++) {
      IndexedFile file = view.map().find(pgno);
      if (file != null) {
        index.put(pgno, file);
      }
    }
    level1 = 0;
    for (LtxFile file : defect == Defect.I4 ? plan.files() : files) {
      if (file.level() == 1) {
        level1 = Math.max(level1, file.max().value());
      }
    }
    seeded = level1 == 0 && defect == Defect.I4;
    if (seeded) {
      level1 = plan.txid().value();
    }
    State before = state;
    int lineage = before == null ? 0 : before.lineage;
    boolean other = before != null && defect != Defect.I19 && isOther(before, files);
    publish(view, index, files, other ? lineage + 1 : lineage);
  }

  /** Lays the new files of level 0 over the index; null if they do not adjoin. */
  private @Nullable View level0(View view, Map<Integer, IndexedFile> index, List<LtxFile> files)
      throws IOException {
    View v = view;
    boolean anchored = defect == Defect.I19;
    for (LtxFile file : files) {
      if (file.level() != 0) {
        continue;
      }
      anchored |= file.max().equals(v.txid());
      if (!file.max().after(v.txid())) {
        continue;
      }
      if (!anchored || !file.extendsFrom(v.txid())) {
        return null;
      }
      View of = viewOf(file);
      putAll(of, index, true);
      v = of;
      int commit = of.commit();
      index.keySet().removeIf(pgno -> pgno > commit);
    }
    if (!anchored) {
      return null;
    }
    return v;
  }

  /** Takes up the new files of level 1; returns the size after that. */
  private int level1(View view, Map<Integer, IndexedFile> index, List<LtxFile> files)
      throws IOException {
    int commit = view.commit();
    for (LtxFile file : files) {
      if (file.level() != 1 || file.max().value() <= level1) {
        continue;
      }
      boolean overlaps = file.min().value() <= level1;
      if (seeded && overlaps) {
        continue; // not returned by a listing that begins after it
      }
      if (seeded ? file.min().value() != level1 + 1 : overlaps && defect == Defect.I9) {
        throw new IOException("non-contiguous ltx file on level 1");
      }
      if (file.max().after(view.txid())) {
        break; // its transactions come by level 0 first
      }
      View of = viewOf(file);
      if (defect == Defect.I2 && of.commit() < commit) {
        index.clear();
        commit = of.commit();
      }
      putAll(of, index, defect == Defect.I1);
      int last = commit;
      index.keySet().removeIf(pgno -> pgno > last);
      level1 = file.max().value();
      seeded = false;
    }
    return commit;
  }

  /** Whether every file that the index points at is still there. */
  private static boolean migrate(View view, Map<Integer, IndexedFile> index, List<LtxFile> files) {
    Set<LtxFile> there = new HashSet<>(files);
    for (IndexedFile file : index.values()) {
      if (!there.contains(file.file())) {
        return false;
      }
    }
    return index.size() == view.commit();
  }

  private static void putAll(View of, Map<Integer, IndexedFile> index, boolean always) {
    Txid max = of.txid();
    for (int pgno = 1; pgno <= of.commit(); pgno++) {
      IndexedFile file = of.map().find(pgno);
      IndexedFile before = index.get(pgno);
      if (file != null && (always || before == null || !before.file().max().after(max))) {
        index.put(pgno, file);
      }
    }
  }

  /** One file alone, as a view: which pages it has. */
  private View viewOf(LtxFile file) throws IOException {
    return Waits.get(pages.view(new Plan(List.of(file)), 0), Opened.NEVER);
  }

  private static View with(View v, int commit) {
    return new View(v.number(), v.txid(), v.timeMillis(), v.pageSize(), commit, v.map(), v.plan());
  }

  private void publish(View v, Map<Integer, IndexedFile> index, List<LtxFile> files, int lineage) {
    View numbered =
        new View(
            ++lastNumber,
            v.txid(),
            v.timeMillis(),
            v.pageSize(),
            v.commit(),
            PageMap.EMPTY,
            v.plan());
    Map<String, LtxFile> known = new HashMap<>();
    for (LtxFile file : files) {
      known.put(file.key(), file);
    }
    state = new State(numbered, index, known, lineage);
  }

  @Override
  public Connection connect() throws IOException {
    if (state == null) {
      rebuild();
    }
    return new Reader(current());
  }

  @Override
  public void close() {
    pages.close();
  }

  private final class Reader implements Connection {
    private final PageReader reader = pages.reader();
    private final int lineage;
    private State at;

    Reader(State at) {
      this.at = at;
      this.lineage = at.lineage;
    }

    @Override
    public void begin() throws IOException {
      State newest = current();
      if (newest.lineage != lineage) {
        throw new IOException("The replica was replaced by another history");
      }
      at = newest;
    }

    @Override
    public void end() {}

    @Override
    public View view() {
      return at.view;
    }

    @Override
    public long size() {
      return at.view.bytes();
    }

    @Override
    public boolean read(long to, int length, long offset) throws IOException {
      View v = at.view;
      if (offset >= v.bytes()) {
        NativeMemory.zero(to, length);
        return false;
      }
      int pgno = (int) (offset / v.pageSize()) + 1;
      try {
        read(v, at.index, pgno, length, to);
      } catch (StaleFileException e) {
        readAgain(v, pgno, length, to);
      }
      if (pgno == 1) {
        HeaderPatch.apply(v, 0, length, to);
      }
      return true;
    }

    private void read(View v, Map<Integer, IndexedFile> index, int pgno, int length, long to)
        throws IOException {
      IndexedFile file = index.get(pgno);
      if (file == null) {
        throw new IOException("page not found: " + pgno);
      }
      reader.read(v, file, pgno, 0, length, to, Opened.NEVER);
    }

    /** The file of a page is gone: if the state is still the newest, a new plan has it. */
    private void readAgain(View v, int pgno, int length, long to) throws IOException {
      for (int i = 1; i < TRIES && defect != Defect.I13; i++) {
        rebuild();
        State next = current();
        if (next.lineage != lineage || !next.view.txid().equals(v.txid())) {
          break;
        }
        try {
          read(v, next.index, pgno, length, to);
          return;
        } catch (StaleFileException e) {
          // the new plan's file is gone too: once more
        }
      }
      throw new IOException("page " + pgno + " is no longer in the replica");
    }

    @Override
    public void close() {}
  }
}
