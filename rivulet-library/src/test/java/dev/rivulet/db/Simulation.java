package dev.rivulet.db;

import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.PageCaches;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One seed: a primary, compactors, retention, disasters, a store and readers on a clock of their
 * own, and in half of the seeds the machine with a local file; all on one thread, so that the same
 * seed does the same things.
 */
final class Simulation {
  /** Makes what is tested; by default the real database. */
  interface Subjects {
    /**
     * Makes one.
     *
     * @param disk where it is hydrated to; null if it is not
     */
    SimSubject make(SimStore store, PageCache cache, SimClock clock, @Nullable SimDisk disk);
  }

  private static final int READERS = 3;

  /** Percent of steps that are of the machine, where there is a local file. */
  private static final int MACHINE = 15;

  /** Longer than any plan is good for. */
  private static final long LONG_PAUSE = 100_000;

  /** After one poll interval, after some, and when a new plan is due. */
  private static final long[] PAUSES = {1_100, 15_000, LONG_PAUSE};

  /** The least that a cache can have: 1024 pages. */
  private static final long CACHE_BYTES = 512 * 1024;

  private final long seed;
  private final SimProfile profile;
  private final SimClock clock = new SimClock();
  private final SimTrace trace;
  private final SimStore store;
  private final SimWorld world;
  private final SplittableRandom random;
  private final PageCache cache = new PageCache(CACHE_BYTES);
  private final @Nullable SimDisk disk;
  private final SimSubject subject;

  /** Where there is a local file. */
  private final @Nullable SimMachine machine;

  private final List<SimReader> readers = new ArrayList<>();
  private final SimStats stats = new SimStats();
  private int away;
  private int replacementsSeen;
  private final long buffer = NativeMemory.allocate(SimPages.SIZE);

  private Simulation(long seed, boolean traced, Subjects subjects) {
    this.seed = seed;
    SplittableRandom all = new SplittableRandom(seed);
    profile = SimProfile.of(all.split());
    trace = new SimTrace(traced, clock);
    store = new SimStore(profile, clock, trace, all.split());
    world = new SimWorld(profile, clock, trace, store, new SimHistory(), all.split());
    store.others(world::maybeStep);
    clock.whileSleeping(store::act);
    random = all.split();
    SplittableRandom local = profile.hydrated() ? all.split() : random;
    disk = profile.hydrated() ? new SimDisk(local) : null;
    subject = subjects.make(store, cache, clock, disk);
    SimNumbers numbers = new SimNumbers();
    for (int i = 0; i < READERS; i++) {
      readers.add(
          new SimReader(
              "reader " + (i + 1),
              subject,
              world,
              store,
              trace,
              all.split(),
              numbers,
              stats,
              buffer));
    }
    if (disk != null && subject instanceof SimDatabase d) {
      SimMachine m =
          new SimMachine(
              d, world, store, trace, stats, numbers, readers, this::poll, this::loseCache, local);
      machine = m;
      store.others(() -> {
        world.maybeStep();
        m.meanwhile();
      });
      store.damages(m::damages);
    } else {
      machine = null;
    }
  }

  /**
   * Runs a seed.
   *
   * @param steps at least so many
   * @throws SimFailure if what a reader saw is not what the model says; the message has the last
   *     steps, of the same seed played again
   */
  static SimStats run(long seed, long steps, Subjects subjects) {
    try {
      return once(seed, steps, false, subjects);
    } catch (SimFailure e) {
      return once(seed, steps, true, subjects); // fails again, and says how it came to that
    }
  }

  private static SimStats once(long seed, long steps, boolean traced, Subjects subjects) {
    Simulation simulation = new Simulation(seed, traced, subjects);
    try {
      simulation.go(steps);
      return simulation.stats;
    } catch (SimFailure e) {
      throw simulation.explained(e);
    } catch (RuntimeException e) {
      throw simulation.explained(new SimFailure("an exception that nobody expects: " + e, e));
    } finally {
      simulation.close();
    }
  }

  private SimFailure explained(SimFailure e) {
    String last = trace.on ? "\nThe last things that happened:\n" + trace.text() : "";
    return new SimFailure("seed " + seed + ": " + e.getMessage() + "\n" + profile + last, e);
  }

  /** The process sleeps now and then: nobody polls, while the replica goes on. */
  private boolean isAway() {
    if (away == 0 && random.nextInt(200) == 0) {
      away = random.nextInt(random.nextBoolean() ? 20 : 150);
    }
    return away > 0;
  }

  private void go(long steps) {
    while (stats.steps + world.steps() < steps) {
      stats.steps++;
      if (machine != null && random.nextInt(100) < MACHINE) {
        machine.step();
        continue;
      }
      int what = random.nextInt(100);
      if (what < 45) {
        stats.steps--; // the world counts its own
        world.step();
      } else if (isAway()) {
        away--;
        readers.get(random.nextInt(READERS)).step();
      } else if (what < 60) {
        poll();
      } else if (what < 98) {
        readers.get(random.nextInt(READERS)).step();
      } else {
        checkQuiet();
      }
      if (random.nextInt(100) < profile.cacheLosses()) {
        loseCache();
      }
    }
    checkQuiet();
    stats.steps += world.steps();
    stats.replacements = world.replacements();
    if (subject instanceof SimDatabase d) {
      stats.kept = d.database().pages().stats().bytesFromDisk();
    }
  }

  private void poll() {
    trace.add("poll");
    stats.polls++;
    try {
      subject.poll();
    } catch (IllegalStateException e) {
      trace.add("  nobody is connected yet");
    } catch (IOException e) {
      trace.add("  failed: " + e.getMessage());
      stats.failedPolls++;
      if (SimErrors.of(e) == SimErrors.NEVER) {
        throw new SimFailure("a poll failed without a reason: " + e.getMessage(), e);
      }
    }
  }

  private void loseCache() {
    trace.add("the page cache is lost");
    PageCaches.flood(cache, SimPages.SIZE);
  }

  /** Nothing happens for a while, and then the newest state must be there, whole. */
  private void checkQuiet() {
    trace.add("quiet");
    stats.quiet++;
    world.settle();
    store.quiet(true);
    // A replica at rest, without files on level 0, that was replaced: the next plan sees it.
    boolean replaced = world.replacements() > replacementsSeen;
    replacementsSeen = world.replacements();
    clock.advance(replaced ? LONG_PAUSE : PAUSES[random.nextInt(PAUSES.length)]);
    long failed = stats.failedPolls;
    poll();
    if (stats.failedPolls > failed) {
      throw new SimFailure("a poll of a store that works failed");
    }
    if (random.nextBoolean()) {
      loseCache();
    }
    readers.forEach(SimReader::checkQuiet);
    if (machine != null) {
      machine.checkQuiet();
    }
    store.quiet(false);
  }

  private void close() {
    readers.forEach(SimReader::close);
    subject.close();
    if (disk != null) {
      disk.close();
    }
    PageCaches.free(cache);
    NativeMemory.free(buffer);
  }
}
