package dev.rivulet.db;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxWriter;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.ObjectEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The LTX files of a simulated replica: writes them as the plain model has them, and lists them.
 */
final class SimReplica {
  static final Layout LAYOUT = Layout.HEX;
  static final int LEVELS = 4;

  /** Of another history that there is not, in a page that compresses to the same length. */
  private static final long DAMAGE = 60L << SimLineage.TXID_BITS;

  private final SimStore store;
  private final SimHistory history;
  private final SimTrace trace;
  private final byte[] page = new byte[SimPages.SIZE];

  SimReplica(SimStore store, SimHistory history, SimTrace trace) {
    this.store = store;
    this.history = history;
    this.trace = trace;
  }

  /**
   * Writes the file of a range of transactions of the current history: the pages of the last state
   * that were written in the range, which is what a merge of the range's files gives.
   */
  void write(int level, long min, long max, long timeMillis) {
    SimLineage lineage = history.current();
    String key = LAYOUT.key(level, new Txid(min), new Txid(max));
    byte[] bytes = file(lineage, min, max, timeMillis, 0);
    store.write(key, bytes, () -> damaged(bytes, lineage, min, max, timeMillis));
    if (trace.on) {
      int commit = lineage.commit(max);
      trace.add("L" + level + " " + min + "-" + max + " written, " + commit + " pages, " + lineage);
    }
  }

  /**
   * A file all of whose pages are none of the model's, although every frame of it is right; which
   * nothing tells but the checksum of the whole.
   */
  private byte[] damaged(byte[] bytes, SimLineage lineage, long min, long max, long timeMillis) {
    byte[] other = file(lineage, min, max, timeMillis, DAMAGE);
    if (other.length != bytes.length) {
      return bytes;
    }
    int sum = bytes.length - Long.BYTES; // the last thing in a file (ltx-format.md, section 5)
    if (!store.isForged()) {
      System.arraycopy(bytes, sum, other, sum, Long.BYTES);
    }
    return other;
  }

  /**
   * The file of a range.
   *
   * @param damage added to the version of each page
   */
  private byte[] file(SimLineage lineage, long min, long max, long timeMillis, long damage) {
    int commit = lineage.commit(max);
    var out = new ByteArrayOutputStream(256);
    try {
      var writer = new LtxWriter(out, header(commit, min, max, timeMillis));
      for (int pgno = 1; pgno <= commit; pgno++) {
        long version = lineage.version(pgno, max);
        if ((version & (1L << SimLineage.TXID_BITS) - 1) >= min) {
          SimPages.fill(page, pgno, version + damage);
          writer.page(pgno, page);
        }
      }
      writer.finish();
    } catch (LtxException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static LtxHeader header(int commit, long min, long max, long time) {
    int flags = LtxHeader.NO_CHECKSUM;
    return new LtxHeader(
        flags, SimPages.SIZE, commit, new Txid(min), new Txid(max), time, 0, 0, 0, 0, 0, 0);
  }

  /** The files of a level that begin at a transaction or later, by their names' order. */
  List<LtxFile> list(int level, long seek) {
    List<LtxFile> files = new ArrayList<>();
    for (ObjectEntry entry : store.entries(LAYOUT.prefix(level))) {
      LtxFile file = LAYOUT.parse(entry).orElseThrow();
      if (file.min().value() >= seek) {
        files.add(file);
      }
    }
    return files;
  }

  List<LtxFile> listAll() {
    List<LtxFile> files = new ArrayList<>();
    for (ObjectEntry entry : store.entries(LAYOUT.prefix())) {
      files.add(LAYOUT.parse(entry).orElseThrow());
    }
    return files;
  }

  /** The last transaction on a level; 0 if it is empty. */
  long max(int level) {
    long max = 0;
    for (LtxFile file : list(level, 0)) {
      max = Math.max(max, file.max().value());
    }
    return max;
  }

  void delete(LtxFile file) {
    if (trace.on) {
      trace.add("L" + file.level() + " " + file.min().value() + "-" + file.max().value() + " gone");
    }
    store.remove(file.key());
  }
}
