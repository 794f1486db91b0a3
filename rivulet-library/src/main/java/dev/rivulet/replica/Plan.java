package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import java.util.List;

/**
 * The LTX files, in order, that reproduce one state. They leave no gap; they may overlap.
 *
 * @param files at least one
 */
public record Plan(List<LtxFile> files) {
  public Plan {
    files = List.copyOf(files);
    if (files.isEmpty()) {
      throw new IllegalArgumentException("a plan has files");
    }
  }

  /** The last transaction of the state. */
  public Txid txid() {
    return files.getLast().max();
  }

  /** The last file, whose header has the state's commit and time. */
  public LtxFile last() {
    return files.getLast();
  }

  /** How many bytes all files have. */
  public long bytes() {
    long sum = 0;
    for (LtxFile file : files) {
      sum += file.size();
    }
    return sum;
  }
}
