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
    int commit = lineage.commit(max);
    var out = new ByteArrayOutputStream(256);
    try {
      var writer = new LtxWriter(out, header(commit, min, max, timeMillis));
      for (int pgno = 1; pgno <= commit; pgno++) {
        long version = lineage.version(pgno, max);
        if ((version & (1L << SimLineage.TXID_BITS) - 1) >= min) {
          SimPages.fill(page, pgno, version);
          writer.page(pgno, page);
        }
      }
      writer.finish();
    } catch (LtxException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String key = LAYOUT.key(level, new Txid(min), new Txid(max));
    store.write(key, out.toByteArray());
    if (trace.on) {
      trace.add("L" + level + " " + min + "-" + max + " written, " + commit + " pages, " + lineage);
    }
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
