package dev.rivulet.db;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Everybody but the readers: the primary, compactors, retention and disasters on one replica, each
 * at its own pace; and the clock.
 */
final class SimWorld {
  /** What somebody does every so often. */
  private static final class Duty {
    final String name;
    final long interval;
    final Runnable work;
    long due;

    Duty(String name, long interval, long first, Runnable work) {
      this.name = name;
      this.interval = Math.max(1, interval);
      this.due = first;
      this.work = work;
    }
  }

  private final SimProfile profile;
  private final SimClock clock;
  private final SimTrace trace;
  private final SplittableRandom random;
  private final SimHistory history;
  private final SimPrimary primary;
  private final SimRetention retention;
  private final SimDisaster disaster;
  private final List<SimCompactor> compactors = new ArrayList<>();
  private final List<Duty> duties = new ArrayList<>();
  private long pausedUntil;
  private int busy;
  private long steps;
  private boolean acting;

  SimWorld(
      SimProfile profile,
      SimClock clock,
      SimTrace trace,
      SimStore store,
      SimHistory history,
      SplittableRandom random) {
    this.profile = profile;
    this.clock = clock;
    this.trace = trace;
    this.history = history;
    this.random = random;
    SimReplica replica = new SimReplica(store, history, trace);
    primary = new SimPrimary(profile, history, replica, clock, random);
    retention = new SimRetention(profile, replica, clock);
    disaster = new SimDisaster(history, replica, random);
    for (int i = 0; i < profile.compactors(); i++) {
      SimCompactor compactor = new SimCompactor(replica, history);
      compactors.add(compactor);
      long interval = profile.mergeMillis();
      for (int level = 1; level < SimReplica.LEVELS; level++) {
        int l = level;
        every("compactor " + i + ", level " + l, interval, () -> compactor.compact(l));
        interval *= 3;
      }
      every("compactor " + i + " restarts", interval, compactor::forget);
    }
    every("retention of level 0", profile.mergeMillis(), retention::level0);
    every("snapshot", profile.snapshotMillis(), () -> primary.snapshot(random.nextInt(8) == 0));
    every("retention of snapshots", profile.snapshotMillis(), retention::snapshots);
    every("another upload", profile.snapshotMillis(), primary::uploadAgain);
    every("pause", profile.snapshotMillis() * 2L, this::pause);
    if (profile.disasters()) {
      every("wipe", profile.snapshotMillis() * 8L, disaster::wipe);
      every("restore", profile.snapshotMillis() * 8L, disaster::restore);
    }
    primary.commit();
  }

  private void every(String name, long interval, Runnable work) {
    duties.add(
        new Duty(name, interval, clock.elapsedMillis() + 1 + random.nextLong(interval), work));
  }

  int replacements() {
    return history.replacements();
  }

  SimClock clock() {
    return clock;
  }

  SimHistory history() {
    return history;
  }

  /** Things done so far. */
  long steps() {
    return steps;
  }

  boolean disasterUnderWay() {
    return disaster.isUnderWay();
  }

  /** Time passes, and somebody does something. */
  void step() {
    steps++;
    clock.advance(1 + random.nextInt(profile.commitMillis()));
    if (disaster.isUnderWay()) {
      goOnWithDisaster();
      return;
    }
    if (retention.isDue() && random.nextInt(3) > 0) {
      retention.delete(1 + random.nextInt(5));
      return;
    }
    Duty duty = firstDue();
    if (duty != null) {
      duty.due += duty.interval * ((clock.elapsedMillis() - duty.due) / duty.interval + 1);
      trace.add(duty.name);
      duty.work.run();
    } else if (clock.elapsedMillis() >= pausedUntil) {
      primary.commit();
      busy--;
      clock.advance(busy > 0 ? 0 : random.nextInt(profile.commitMillis()));
    } else {
      clock.advance(random.nextInt(profile.mergeMillis()));
    }
  }

  /** What others do while a request is under way. */
  void maybeStep() {
    if (!acting && random.nextInt(100) < profile.others()) {
      acting = true; // nobody else's request is a reason to act
      step();
      while (random.nextInt(3) == 0) {
        step();
      }
      acting = false;
    }
  }

  /** Lets a disaster end, so that there is a replica to look at. */
  void settle() {
    while (disaster.isUnderWay()) {
      goOnWithDisaster();
    }
    if (history.current().txid() == 0) {
      primary.commit();
    }
  }

  private void goOnWithDisaster() {
    disaster.goOn();
    retention.forget();
    compactors.forEach(SimCompactor::forget);
    if (!disaster.isUnderWay()) {
      trace.add("begun: " + history.current());
      if (random.nextBoolean()) {
        primary.commit();
      }
    }
  }

  /** The primary rests, while its replica is merged and cleaned; or works a lot at once. */
  private void pause() {
    if (random.nextBoolean()) {
      pausedUntil = clock.elapsedMillis() + random.nextLong(profile.snapshotMillis() * 2L);
    } else {
      busy = 20 + random.nextInt(30);
    }
  }

  private @org.jspecify.annotations.Nullable Duty firstDue() {
    Duty first = null;
    for (Duty duty : duties) {
      if (duty.due <= clock.elapsedMillis() && (first == null || duty.due < first.due)) {
        first = duty;
      }
    }
    return first;
  }
}
