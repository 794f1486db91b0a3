package dev.rivulet;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.ObjectEntry;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.PutRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;

/**
 * Makes a replica, transaction by transaction, and knows what each of its states is: a plain model
 * that a reader is compared with.
 *
 * <p>Transaction n is replicated at {@link #time} n. Files of level 0 are written at once; levels,
 * snapshots and retention are the test's to order. Not thread-safe.
 */
public final class ReplicaBuilder {
  private static final long START = 1_767_225_600_000L;

  private final ObjectStore store;
  private final Layout layout;
  private final int pageSize;

  /** By TXID - 1: what it changed, and the size after it. */
  private final List<NavigableMap<Integer, byte[]>> changes = new ArrayList<>();

  private final List<Integer> commits = new ArrayList<>();

  /** Pages of the newest state. */
  private final NavigableMap<Integer, byte[]> pages = new TreeMap<>();

  /** Milliseconds that every time is later by: another history begins later. */
  private long later;

  private long lastTick = Long.MAX_VALUE;

  public ReplicaBuilder(int pageSize) {
    this(new MemoryStore(), Layout.HEX, pageSize, 0);
  }

  public ReplicaBuilder(ObjectStore store, Layout layout, int pageSize, long later) {
    this.store = store;
    this.layout = layout;
    this.pageSize = pageSize;
    this.later = later;
  }

  public ObjectStore store() {
    return store;
  }

  public int pageSize() {
    return pageSize;
  }

  public long txid() {
    return commits.size();
  }

  public long time(long txid) {
    return START + later + Math.min(txid, lastTick) * 1000;
  }

  /** From now on times are later, and content is another, as in a history begun anew. */
  public void later(long millis) {
    later = millis;
  }

  /** From now on every transaction has the time of the newest one so far. */
  public void stopClock() {
    lastTick = txid();
  }

  public int commitAt(long txid) {
    return commits.get((int) txid - 1);
  }

  /** A transaction that writes pages and leaves the database {@code commit} pages long. */
  public long write(int commit, Map<Integer, byte[]> written) {
    NavigableMap<Integer, byte[]> change = new TreeMap<>(written);
    int before = commits.isEmpty() ? 0 : commits.getLast();
    byte[] blank = new byte[pageSize];
    for (int pgno = before + 1; pgno <= commit; pgno++) {
      if (pgno != PageSize.lockPage(pageSize)) {
        change.putIfAbsent(pgno, blank);
      }
    }
    change.tailMap(commit, false).clear();
    changes.add(change);
    commits.add(commit);
    pages.putAll(change);
    pages.tailMap(commit, false).clear();
    merge(0, txid(), txid());
    return txid();
  }

  /** A transaction that writes the given pages anew, each with content of its own. */
  public long touch(int commit, int... pgnos) {
    Map<Integer, byte[]> written = new HashMap<>();
    for (int pgno : pgnos) {
      written.put(pgno, content(pgno, txid() + 1));
    }
    for (int pgno = commits.isEmpty() ? 1 : commits.getLast() + 1; pgno <= commit; pgno++) {
      written.put(pgno, content(pgno, txid() + 1));
    }
    return write(commit, written);
  }

  /** What {@link #touch} writes: compressible, and different for each page and transaction. */
  public byte[] content(int pgno, long txid) {
    byte[] page = new byte[pageSize];
    Random random = new Random(pgno * 1_000_003L + txid + later);
    for (int i = 0; i < pageSize / 8; i++) {
      page[i * 4] = (byte) random.nextInt();
    }
    return page;
  }

  /** A random transaction: changes, growth, now and then a shrink. */
  public long random(Random random, int most) {
    int before = commits.isEmpty() ? 0 : commits.getLast();
    int commit =
        before == 0
            ? 1 + random.nextInt(most)
            : switch (random.nextInt(6)) {
              case 0 -> Math.max(1, before - random.nextInt(1 + before / 2));
              case 1, 2 -> Math.min(most, before + 1 + random.nextInt(8));
              default -> before;
            };
    int[] pgnos = random.ints(1 + random.nextInt(6), 1, Math.max(2, commit + 1)).toArray();
    return touch(commit, pgnos);
  }

  /** A database file becomes the next transaction, with all its pages. */
  public long database(byte[] bytes) {
    Map<Integer, byte[]> all = new HashMap<>();
    int commit = bytes.length / pageSize;
    for (int pgno = 1; pgno <= commit; pgno++) {
      if (pgno != PageSize.lockPage(pageSize)) {
        all.put(pgno, java.util.Arrays.copyOfRange(bytes, (pgno - 1) * pageSize, pgno * pageSize));
      }
    }
    return write(commit, all);
  }

  /** Writes the file of a level that merges transactions; the lower ones stay. */
  public LtxFile merge(int level, long min, long max) {
    NavigableMap<Integer, byte[]> merged = new TreeMap<>();
    for (long txid = min; txid <= max; txid++) {
      merged.putAll(changes.get((int) txid - 1));
      merged.tailMap(commitAt(txid), false).clear();
    }
    return put(level, min, max, encode(min, max, merged));
  }

  /** Writes the snapshot of the newest transaction. */
  public LtxFile snapshot() {
    return snapshot(txid());
  }

  public LtxFile snapshot(long txid) {
    return merge(LtxFile.SNAPSHOT_LEVEL, 1, txid);
  }

  private byte[] encode(long min, long max, NavigableMap<Integer, byte[]> merged) {
    try {
      var out = new ByteArrayOutputStream();
      var writer =
          new LtxWriter(
              out,
              new LtxHeader(
                  LtxHeader.NO_CHECKSUM,
                  pageSize,
                  commitAt(max),
                  new Txid(min),
                  new Txid(max),
                  time(max),
                  0,
                  0,
                  0,
                  0,
                  0,
                  0));
      for (Map.Entry<Integer, byte[]> page : merged.entrySet()) {
        writer.page(page.getKey(), page.getValue());
      }
      writer.finish();
      return out.toByteArray();
    } catch (LtxException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Puts bytes of the test's under a file's name. */
  public LtxFile put(int level, long min, long max, byte[] bytes) {
    String key = key(level, min, max);
    store
        .put(
            new PutRequest(
                key, PutRequest.Content.of(bytes), new PutRequest.Condition.Always(), Map.of()))
        .join();
    return file(level, min, max);
  }

  public String key(int level, long min, long max) {
    return layout.key(level, new Txid(min), new Txid(max));
  }

  /** The file as a listing shows it. */
  public LtxFile file(int level, long min, long max) {
    String key = key(level, min, max);
    ObjectEntry entry = store.list(key, "", 1).join().objects().getFirst();
    return layout.parse(entry).orElseThrow();
  }

  public void delete(int level, long min, long max) {
    store.delete(List.of(key(level, min, max))).join();
  }

  /** Deletes the files of level 0 up to a transaction, as retention does after a merge. */
  public void retainLevel0After(long txid) {
    for (long t = 1; t <= txid; t++) {
      delete(0, t, t);
    }
  }

  /** The bytes of a file. */
  public byte[] bytes(LtxFile file) {
    byte[] bytes = new byte[(int) file.size()];
    int[] filled = {0};
    store
        .get(
            new GetRequest(file.key(), new ByteRange(0, file.size())),
            (chunk, offset, length) -> {
              System.arraycopy(chunk, offset, bytes, filled[0], length);
              filled[0] += length;
            })
        .join();
    return bytes;
  }

  /** Flips bits of one byte of a file; a negative offset counts from its end. */
  public LtxFile damage(LtxFile file, long offset, int xor) {
    byte[] bytes = bytes(file);
    bytes[(int) (offset < 0 ? bytes.length + offset : offset)] ^= (byte) xor;
    return put(file.level(), file.min().value(), file.max().value(), bytes);
  }

  /** The whole database after a transaction, by the model. */
  public byte[] database(long txid) {
    int commit = commitAt(txid);
    byte[] database = new byte[commit * pageSize];
    int valid = 0;
    for (long t = 1; t <= txid; t++) {
      int size = commitAt(t);
      if (size < valid) {
        // What was beyond a shrink is gone, whatever grows there later.
        java.util.Arrays.fill(
            database, Math.min(database.length, size * pageSize), database.length, (byte) 0);
      }
      valid = size;
      changes
          .get((int) t - 1)
          .forEach((pgno, page) -> {
            if (pgno <= commit) {
              System.arraycopy(page, 0, database, (pgno - 1) * pageSize, pageSize);
            }
          });
    }
    return database;
  }

  /** One page of a state. */
  public byte[] page(long txid, int pgno) {
    return java.util.Arrays.copyOfRange(database(txid), (pgno - 1) * pageSize, pgno * pageSize);
  }
}
