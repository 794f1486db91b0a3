package dev.rivulet.bench;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.Txid;
import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** LTX files of a {@link GeneratedDatabase}, as Litestream's compactions would leave them. */
final class GeneratedReplica {

  /** Takes a file of a replica; the key is below the replica's path, as on S3. */
  interface Sink {
    void put(String key, byte[] file) throws IOException;
  }

  /**
   * 10 GB: 7,644 level-1 interior pages of 340 leaves, under 23 pages, under the root; 2,606,630
   * pages with page 1 and the lock page.
   */
  private static final int LEAVES_OF_TEN_GIGABYTES = 7_644 * GeneratedDatabase.FAN_OUT;

  /** With page 1, ten pages. */
  private static final int CHANGED_LEAVES = 9;

  /** 1,707 pages; at one transaction a second each is written every half hour or so. */
  private static final int LEAVES_OF_DAY = 5 * GeneratedDatabase.FAN_OUT;

  /** 24,554 pages: as many as the shop's database has. */
  private static final int LEAVES_OF_KEPT = 72 * GeneratedDatabase.FAN_OUT;

  /** The newest transaction of the day-old replica, 59 minutes and 59 seconds after a full hour. */
  private static final long NEWEST = 90_000;

  private static final long EPOCH_MILLIS = 1_767_225_600_000L; // 2026-01-01

  private GeneratedReplica() {}

  static GeneratedDatabase tenGigabytes() {
    return new GeneratedDatabase(LEAVES_OF_TEN_GIGABYTES, leaf -> 1);
  }

  /** One snapshot of TXID 1, streamed into a file. */
  static void writeTenGigabytes(Path file) throws IOException {
    GeneratedDatabase database = tenGigabytes();
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
      write(out, database, 1, 1, allPages(database));
    }
  }

  /** The key of a file below a replica's path. */
  static String key(int level, long min, long max) {
    return "%04x/%016x-%016x.ltx".formatted(level, min, max);
  }

  /**
   * A replica at whose database one transaction a second has been written for 25 hours, with
   * Litestream's default schedule: after the snapshot (TXID 1), 24 files of an hour, 288 of five
   * minutes, 2,880 of 30 seconds and 300 of one transaction, each level being ahead of the one
   * above it. The shortest plan is the snapshot, 24 L3, 11 L2, 9 L1 and 29 L0 files.
   */
  static void writeDay(Sink sink) throws IOException {
    putRange(sink, 9, 1, 1, LEAVES_OF_DAY);
    long hours = 1 + 24 * 3600;
    long fiveMinutes = hours + 11 * 300;
    long halfMinutes = fiveMinutes + 9 * 30;
    if (NEWEST - halfMinutes != 29) {
      throw new IllegalStateException();
    }
    putLevel(sink, 3, 24, 3600, hours);
    putLevel(sink, 2, 288, 300, fiveMinutes);
    putLevel(sink, 1, 2880, 30, halfMinutes);
    putLevel(sink, 0, 300, 1, NEWEST);
  }

  /**
   * A file of the 10 GB database's changes: page 1 and nine leaves for each transaction.
   *
   * @param min 2 or more; its level is 0 if it is one transaction, else 1
   */
  static void writeChange(Sink sink, int min, int max) throws IOException {
    GeneratedDatabase database =
        new GeneratedDatabase(LEAVES_OF_TEN_GIGABYTES, leaf -> changeOf(leaf, max));
    TreeSet<Integer> written = new TreeSet<>();
    written.add(1);
    for (int txid = min; txid <= max; txid++) {
      for (int i = 0; i < CHANGED_LEAVES; i++) {
        written.add(database.pgnoOfLeaf(changedLeaf(txid, i)));
      }
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    write(file, database, min, max, written);
    sink.put(key(min == max ? 0 : 1, min, max), file.toByteArray());
  }

  /** A row that a transaction of the 10 GB database writes, and none after it for a day. */
  static long rowOfChange(int txid) {
    return (long) changedLeaf(txid, 0) * GeneratedDatabase.ROWS_PER_LEAF + 1;
  }

  /** Steps that are prime to the number of leaves spread what changes over the whole tree. */
  private static int changedLeaf(int txid, int i) {
    return (int) ((long) (txid * CHANGED_LEAVES + i) * 611_953 % LEAVES_OF_TEN_GIGABYTES);
  }

  /** The transaction up to {@code max} that last wrote a leaf; few have written any. */
  private static long changeOf(int leaf, int max) {
    for (int txid = max; txid > 1; txid--) {
      for (int i = 0; i < CHANGED_LEAVES; i++) {
        if (changedLeaf(txid, i) == leaf) {
          return txid;
        }
      }
    }
    return 1;
  }

  /** One snapshot of TXID 1, which a local file is hydrated from. */
  static void writeKept(Sink sink) throws IOException {
    putRange(sink, 9, 1, 1, LEAVES_OF_KEPT);
  }

  /** The database of {@link #writeKept} after a transaction. */
  static GeneratedDatabase kept(long txid) {
    return at(txid, LEAVES_OF_KEPT);
  }

  /** The row that a transaction writes into that database. */
  static long rowOfKept(long txid) {
    return (long) leafOf(txid, LEAVES_OF_KEPT) * GeneratedDatabase.ROWS_PER_LEAF + 1;
  }

  /** The level-0 file of one transaction, of two pages. */
  static void writeTransactionOfKept(long txid, Sink sink) throws IOException {
    putRange(sink, 0, txid, txid, LEAVES_OF_KEPT);
  }

  /** The state of the day-old replica's database after its newest transaction. */
  static GeneratedDatabase newestOfDay() {
    return at(NEWEST, LEAVES_OF_DAY);
  }

  private static void putLevel(Sink sink, int level, int files, int span, long newest)
      throws IOException {
    for (long max = newest - (files - 1L) * span; max <= newest; max += span) {
      putRange(sink, level, max - span + 1, max, LEAVES_OF_DAY);
    }
  }

  private static void putRange(Sink sink, int level, long min, long max, int leaves)
      throws IOException {
    GeneratedDatabase database = at(max, leaves);
    Iterable<Integer> pages;
    if (min == 1) {
      pages = allPages(database);
    } else {
      TreeSet<Integer> written = new TreeSet<>();
      written.add(1);
      for (long txid = min; txid <= max; txid++) {
        written.add(database.pgnoOfLeaf(leafOf(txid, leaves)));
      }
      pages = written;
    }
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    write(file, database, min, max, pages);
    sink.put(key(level, min, max), file.toByteArray());
  }

  /**
   * Which leaf a transaction writes: all of them in turn, in steps that are prime to their number.
   */
  private static int leafOf(long txid, int leaves) {
    return (int) (txid * 611 % leaves);
  }

  private static GeneratedDatabase at(long txid, int leaves) {
    long[] newest = new long[leaves];
    Arrays.fill(newest, 1);
    for (long t = Math.max(2, txid - leaves + 1); t <= txid; t++) {
      newest[leafOf(t, leaves)] = t;
    }
    return new GeneratedDatabase(leaves, leaf -> newest[leaf]);
  }

  private static Iterable<Integer> allPages(GeneratedDatabase database) {
    return () ->
        IntStream.rangeClosed(1, database.commit())
            .filter(pgno -> !GeneratedDatabase.isLockPage(pgno))
            .iterator();
  }

  private static void write(
      OutputStream out, GeneratedDatabase database, long min, long max, Iterable<Integer> pages)
      throws IOException {
    LtxHeader header =
        new LtxHeader(
            LtxHeader.NO_CHECKSUM,
            GeneratedDatabase.PAGE_SIZE,
            database.commit(),
            new Txid(min),
            new Txid(max),
            EPOCH_MILLIS + max * 1000,
            0,
            0,
            0,
            0,
            0,
            0);
    try {
      LtxWriter writer = new LtxWriter(out, header);
      for (int pgno : pages) {
        writer.page(pgno, database.page(pgno, max));
      }
      writer.finish();
    } catch (LtxException e) {
      throw new IOException("The generator broke a rule of LTX", e);
    }
  }
}
