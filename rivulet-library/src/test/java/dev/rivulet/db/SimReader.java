package dev.rivulet.db;

import dev.rivulet.page.View;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * One connection and the judge of what it sees: a transaction reads exactly one state of the plain
 * model, from its first page to its last; TXIDs never go back; errors have a reason.
 */
final class SimReader {
  /**
   * A view's files were looked at this long before a transaction takes it, at most: a new plan is
   * made every half minute while somebody reads, and a poll may be late.
   */
  private static final long PLANNED_MILLIS = 120_000;

  private final String name;
  private final SimSubject subject;
  private final SimWorld world;
  private final SimStore store;
  private final SimTrace trace;
  private final SplittableRandom random;
  private final SimNumbers numbers;
  private final SimStats stats;
  private final long buffer;
  private final byte[] page = new byte[SimPages.SIZE];
  private final byte[] right = new byte[SimPages.SIZE];

  private SimSubject.@Nullable Connection connection;
  private boolean inTransaction;

  /** The states that what was read so far can be of; null before the first transaction. */
  private @Nullable List<SimLineage> states;

  private long txid;
  private int replacedBefore;
  private long deletedBefore;
  private long begunMillis;
  private long failedBefore;
  private long stepsBefore;

  SimReader(
      String name,
      SimSubject subject,
      SimWorld world,
      SimStore store,
      SimTrace trace,
      SplittableRandom random,
      SimNumbers numbers,
      SimStats stats,
      long buffer) {
    this.name = name;
    this.subject = subject;
    this.world = world;
    this.store = store;
    this.trace = trace;
    this.random = random;
    this.numbers = numbers;
    this.stats = stats;
    this.buffer = buffer;
  }

  boolean inTransaction() {
    return inTransaction;
  }

  /** Does the next thing that a connection does. */
  void step() {
    if (connection == null) {
      open();
    } else if (!inTransaction) {
      if (random.nextInt(20) == 0) {
        close();
      } else {
        begin();
      }
    } else if (random.nextInt(5) == 0) {
      end();
    } else {
      readSome();
    }
  }

  private void open() {
    note();
    try {
      SimSubject.Connection opened = subject.connect();
      connection = opened;
      states = null;
      txid = 0;
      // What was published may be older than the last replacement, and is found out later.
      replacedBefore = isOfCurrentHistory(opened.view()) ? world.replacements() : -1;
      say("opens");
    } catch (IOException e) {
      judge("opening", e);
    }
  }

  private boolean isOfCurrentHistory(View view) {
    SimLineage current = world.history().current();
    long t = view.txid().value();
    return t <= current.txid()
        && world
            .history()
            .withState(t, view.commit(), view.timeMillis())
            .contains(current.owner(t));
  }

  private void begin() {
    note();
    begunMillis = world.clock().millis();
    SimSubject.Connection c = connection();
    try {
      c.begin();
    } catch (IOException e) {
      judge("beginning", e);
      if (SimErrors.of(e) == SimErrors.REPLACED) {
        close();
      }
      return;
    }
    inTransaction = true;
    stats.transactions++;
    View view = c.view();
    long now = view.txid().value();
    say("begins at TXID " + now + ", view " + view.number() + ", " + view.commit() + " pages");
    List<SimLineage> possible = world.history().withState(now, view.commit(), view.timeMillis());
    if (possible.isEmpty()) {
      throw fail(
          "no history has a state at TXID %d with %d pages at that time"
              .formatted(now, view.commit()));
    }
    if (now < txid) {
      throw fail("the TXID went back from %d to %d".formatted(txid, now));
    }
    if (now == txid && states != null) {
      possible.retainAll(states);
      if (possible.isEmpty()) {
        throw fail("TXID %d is another state than before".formatted(now));
      }
    }
    states = possible;
    txid = now;
    numbers.check(view.number(), now, possible, this);
    if (c.size() != (long) view.commit() * SimPages.SIZE) {
      throw fail("the size is " + c.size() + ", the commit " + view.commit());
    }
  }

  private void end() {
    say("ends");
    inTransaction = false;
    connection().end();
  }

  void close() {
    SimSubject.Connection c = connection;
    if (c != null) {
      if (inTransaction) {
        end();
      }
      say("closes");
      c.close();
      connection = null;
    }
  }

  private void readSome() {
    int commit = connection().view().commit();
    if (random.nextInt(4) == 0) {
      int first = 1 + random.nextInt(commit);
      readAll(first, Math.min(commit, first + random.nextInt(20)));
    } else {
      for (int i = random.nextInt(4); i >= 0 && inTransaction; i--) {
        read(1 + random.nextInt(commit));
      }
    }
    if (inTransaction && random.nextInt(20) == 0) {
      readBeyond(commit);
    }
  }

  private void readAll(int first, int last) {
    for (int pgno = first; pgno <= last && inTransaction; pgno++) {
      read(pgno);
    }
  }

  /** Reads a page and judges it; an error that may be ends the transaction. */
  private void read(int pgno) {
    note();
    try {
      if (!connection().read(buffer, SimPages.SIZE, (long) (pgno - 1) * SimPages.SIZE)) {
        throw fail("page " + pgno + " is said to be beyond the end");
      }
    } catch (IOException e) {
      judge("reading page " + pgno, e);
      end();
      return;
    }
    stats.pages++;
    dev.rivulet.natives.NativeMemory.read(buffer, page, 0, page.length);
    View view = connection().view();
    if (view.txid().value() != txid) {
      throw fail("the view changed inside the transaction, to TXID " + view.txid().value());
    }
    if (pgno == 1) {
      checkHeader(view);
      SimPages.plain(page);
    }
    List<SimLineage> possible = states;
    if (possible == null) {
      throw new IllegalStateException("no transaction");
    }
    long expected = possible.getFirst().version(pgno, txid);
    if (possible.size() == 1) {
      if (!holds(pgno, expected)) {
        throw wrong(pgno, expected);
      }
    } else {
      possible.removeIf(lineage -> !holds(pgno, lineage.version(pgno, txid)));
      if (possible.isEmpty()) {
        throw wrong(pgno, expected);
      }
    }
  }

  private boolean holds(int pgno, long version) {
    SimPages.fill(right, pgno, version);
    if (pgno == 1) {
      SimPages.plain(right);
    }
    return Arrays.equals(page, right);
  }

  private SimFailure wrong(int pgno, long version) {
    return fail(
        "page %d at TXID %d should be of %s, and is %s"
            .formatted(pgno, txid, SimPages.version(version), SimPages.describe(page)));
  }

  private void checkHeader(View view) {
    java.nio.ByteBuffer b = java.nio.ByteBuffer.wrap(page);
    if (b.getInt(24) != view.number()
        || b.getInt(92) != view.number()
        || b.getInt(28) != view.commit()) {
      throw fail("page 1 does not present view " + view.number());
    }
  }

  private void readBeyond(int commit) {
    note();
    try {
      if (connection().read(buffer, SimPages.SIZE, (long) commit * SimPages.SIZE)) {
        throw fail("there is a page beyond the " + commit + " of the database");
      }
    } catch (IOException e) {
      judge("reading beyond the end", e);
    }
  }

  /**
   * After a pause in which nothing happened, and a poll that did not fail: the newest state, all of
   * it.
   */
  void checkQuiet() {
    if (inTransaction) {
      return;
    }
    int replaced = world.replacements();
    if (connection == null) {
      open();
    }
    begin();
    if (connection == null) { // the replica was replaced, and the connection said so
      open();
      begin();
    }
    SimLineage current = world.history().current();
    if (!inTransaction || replaced != world.replacements()) {
      throw fail("no transaction can be begun");
    }
    if (txid != current.txid()
        || states == null
        || !states.contains(current.owner(current.txid()))) {
      throw fail(
          "it is stuck at TXID %d of %s, and the newest is %d of %s"
              .formatted(txid, states, current.txid(), current));
    }
    int commit = connection().view().commit();
    readAll(1, commit);
    if (!inTransaction) {
      // Retention was faster than the follower; the transaction after that must do.
      stats.goneInQuiet++;
      begin();
      readAll(1, commit);
      if (!inTransaction) {
        throw fail("the newest state cannot be read");
      }
    }
    end();
  }

  private SimSubject.Connection connection() {
    SimSubject.Connection c = connection;
    if (c == null) {
      throw new IllegalStateException("not open");
    }
    return c;
  }

  private void note() {
    failedBefore = store.faults();
    stepsBefore = world.steps();
    deletedBefore = store.deletions();
    var _ = store.wasEmpty();
  }

  /** An error is all right if it is documented and there was a reason for it. */
  private void judge(String what, IOException e) {
    SimErrors error = SimErrors.of(e);
    boolean reason =
        switch (error) {
          case GONE -> replaced() || store.deletions() > deletedBefore || isOldAndDeleted();
          case REPLACED -> replaced();
          case STORE -> store.faults() > failedBefore;
          case CHURN -> world.steps() > stepsBefore || world.disasterUnderWay();
          case EMPTY -> store.wasEmpty();
          case NEVER -> false;
        };
    say(what + " fails: " + e.getMessage());
    if (!reason) {
      throw new SimFailure(name + ": " + what + " failed without a reason: " + e.getMessage(), e);
    }
    stats.error(error);
  }

  /**
   * Whether retention may have taken a page that the transaction reads: never of the newest state,
   * which can always be had; and of an older one only if it deleted something since the transaction
   * began, or since the view was last planned.
   */
  private boolean isOldAndDeleted() {
    return txid < world.history().current().txid()
        && store.deletedMillis() >= begunMillis - PLANNED_MILLIS;
  }

  private boolean replaced() {
    return world.replacements() > replacedBefore || world.disasterUnderWay();
  }

  SimFailure fail(String what) {
    return new SimFailure(name + ": " + what);
  }

  private void say(String what) {
    if (trace.on) {
      trace.add(name + " " + what);
    }
  }
}
