package dev.rivulet.db;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The machine that the tested process runs on, with the disk of its local file: hydration goes on
 * now and then; the process ends and begins again, in order, killed or with a loss of power.
 */
final class SimMachine {
  /**
   * What it takes at rest: one turn to see that the file was removed, one to look at what was kept,
   * one to fetch what was wrong of it, and a new plan.
   */
  private static final int TURNS = 4;

  /** What was damaged on its way is not read again before. */
  private static final long DAMAGED_MILLIS = 3_600_000;

  /** What may be done by the process while a request of the hydration is under way, in percent. */
  private static final int MEANWHILE = 30;

  /** Bodies that are damaged, in percent. */
  private static final int DAMAGED = 30;

  /** The longest that nobody opens the file, in steps of the world. */
  private static final int AWAY = 120;

  private final SimDatabase subject;
  private final SimDisk disk;
  private final SimWorld world;
  private final SimStore store;
  private final SimTrace trace;
  private final SimStats stats;
  private final SimNumbers numbers;
  private final List<SimReader> readers;
  private final Runnable poll;
  private final Runnable loseCache;
  private final SplittableRandom random;
  private final byte[] right = new byte[SimPages.SIZE];

  /** What lay on the disk when the process was killed, although it is still to find out. */
  private SimDisk.@Nullable Image killed;

  private boolean acting;

  SimMachine(
      SimDatabase subject,
      SimWorld world,
      SimStore store,
      SimTrace trace,
      SimStats stats,
      SimNumbers numbers,
      List<SimReader> readers,
      Runnable poll,
      Runnable loseCache,
      SplittableRandom random) {
    this.subject = subject;
    this.disk = subject.disk();
    this.world = world;
    this.store = store;
    this.trace = trace;
    this.stats = stats;
    this.numbers = numbers;
    this.readers = readers;
    this.poll = poll;
    this.loseCache = loseCache;
    this.random = random;
  }

  /** Does the next thing that happens to a local file. */
  void step() {
    int what = random.nextInt(100);
    if (what < 80) {
      fill(random.nextInt(3) == 0 ? Integer.MAX_VALUE : 1 + random.nextInt(20));
    } else if (what < 87) {
      end();
    } else if (what < 92) {
      kill(disk.image());
    } else if (what < 98) {
      losePower();
    } else {
      trace.add("the local file is removed");
      stats.removals++;
      disk.remove();
    }
    SimDisk.Image image = killed;
    if (image != null) {
      killed = null;
      kill(image);
    }
  }

  private void fill(int most) {
    if (subject.hydration() == null) {
      return;
    }
    if (random.nextInt(5) == 0) {
      loseCache.run(); // else there is little that it must fetch
    }
    trace.add("hydration goes on");
    stats.fills++;
    subject.fill(most);
    disk.written();
    if (trace.on) {
      SimHydration hydration = subject.hydration();
      trace.add("  to " + (hydration == null ? "its end" : hydration.state().percent()));
    }
  }

  /** What happens while a request of the hydration is under way: it has a thread of its own. */
  void meanwhile() {
    SimHydration hydration = subject.hydration();
    if (acting || hydration == null || !hydration.isFilling() || random.nextInt(100) >= MEANWHILE) {
      return;
    }
    acting = true;
    try {
      actMeanwhile(random.nextInt(100));
    } catch (RuntimeException e) {
      throw new SimFailure("an exception that nobody expects: " + e, e); // not the hydration's
    } finally {
      acting = false;
    }
  }

  private void actMeanwhile(int what) {
    if (what < 35) {
      poll.run();
    } else if (what < 90) {
      readers.get(random.nextInt(readers.size())).step();
    } else if (what < 95) {
      disk.written();
    } else if (killed == null) {
      trace.add("the process will have been killed now");
      killed = disk.image();
    }
  }

  /** Whether the body of a file is damaged on its way to the hydration. */
  boolean damages() {
    SimHydration hydration = subject.hydration();
    boolean damages =
        !acting && hydration != null && hydration.isFilling() && random.nextInt(100) < DAMAGED;
    if (damages) {
      stats.damages++;
      trace.add("  damaged on its way");
    }
    return damages;
  }

  /** All connections are closed; and the process ends, or not. */
  private void end() {
    trace.add("all connections are closed");
    stats.ends++;
    closeAll();
    if (random.nextBoolean()) {
      restart();
    }
  }

  private void closeAll() {
    readers.forEach(SimReader::close);
  }

  private void kill(SimDisk.Image image) {
    trace.add("the process is killed");
    stats.kills++;
    crash(image);
  }

  private void losePower() {
    trace.add("the power is lost");
    stats.powerLosses++;
    crash(disk.afterPowerLoss());
  }

  /** What the process does when it is closed here was done by nobody: it is not on the disk. */
  private void crash(SimDisk.Image left) {
    closeAll();
    subject.close();
    disk.become(left);
    restart();
  }

  private void restart() {
    for (int i = random.nextInt(3) == 0 ? random.nextInt(AWAY) : random.nextInt(4); i > 0; i--) {
      world.step();
    }
    subject.restart();
    numbers.forget();
    trace.add("the process begins");
  }

  /** At rest, and with a store that works: the local file becomes the database, byte by byte. */
  void checkQuiet() {
    try (var _ = subject.connect()) {
      fill(Integer.MAX_VALUE); // sees whether the file is in its place
      for (int i = 1; i < TURNS && !isComplete(); i++) {
        world.clock().advance(DAMAGED_MILLIS);
        poll.run(); // as is due by now, so that no reader has to
        fill(Integer.MAX_VALUE);
      }
      if (!isComplete()) {
        throw new SimFailure("the local file does not become complete: " + state());
      }
    } catch (IOException e) {
      throw new SimFailure("no connection can be opened: " + e.getMessage(), e);
    }
    stats.completions++;
    compare(disk.bytes());
    long gets = store.gets();
    readers.forEach(SimReader::checkQuiet);
    if (store.gets() != gets) {
      throw new SimFailure("a page was fetched although the local file has all");
    }
  }

  private boolean isComplete() {
    SimHydration hydration = subject.hydration();
    return hydration != null && hydration.state().percent().equals("100.0");
  }

  private String state() {
    SimHydration hydration = subject.hydration();
    return hydration == null
        ? Objects.toString(subject.database().hydration().whyNot())
        : hydration.state().toString();
  }

  private void compare(byte[] file) {
    SimLineage current = world.history().current();
    int commit = current.commit(current.txid());
    if (file.length != commit * SimPages.SIZE) {
      throw new SimFailure(
          "the complete local file has %d bytes, and the database %d pages"
              .formatted(file.length, commit));
    }
    for (int pgno = 1; pgno <= commit; pgno++) {
      SimPages.fill(right, pgno, current.version(pgno, current.txid()));
      byte[] page = Arrays.copyOfRange(file, (pgno - 1) * SimPages.SIZE, pgno * SimPages.SIZE);
      if (!Arrays.equals(page, right)) {
        throw new SimFailure(
            "page %d of the complete local file is %s".formatted(pgno, SimPages.describe(page)));
      }
    }
  }
}
