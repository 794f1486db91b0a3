package dev.rivulet.cli;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code rivulet info} shows.
 *
 * @param replica its URL, without secrets
 * @param levels those that have files, ascending
 * @param oldest the file that alone makes the oldest state; null if there is none
 * @param newest what is known of the newest state; null if it cannot be had
 */
record ReplicaInfo(
    String replica, List<Level> levels, @Nullable LtxFile oldest, @Nullable State newest) {

  /**
   * One level.
   *
   * @param files how many
   * @param min first transaction of its files
   * @param max last transaction of its files
   * @param bytes of its files
   * @param firstUpload of its files, milliseconds since 1970, by the store's clock
   * @param lastUpload likewise
   */
  record Level(
      int level, int files, Txid min, Txid max, long bytes, long firstUpload, long lastUpload) {}

  /**
   * The newest state.
   *
   * @param firstMillis header time of the oldest state that can be had, or null
   */
  record State(
      Txid txid, long millis, @Nullable Long firstMillis, int pageSize, int pages, int planFiles) {
    long bytes() {
      return (long) pages * pageSize;
    }
  }

  static ReplicaInfo of(String replica, List<LtxFile> files) {
    List<Level> levels = new ArrayList<>();
    LtxFile oldest = null;
    for (int level = 0; level <= LtxFile.SNAPSHOT_LEVEL; level++) {
      Level sum = null;
      for (LtxFile file : files) {
        if (file.level() == level) {
          sum = add(sum, file);
        }
      }
      if (sum != null) {
        levels.add(sum);
      }
    }
    for (LtxFile file : files) {
      if (file.min().equals(Txid.ZERO.next())
          && (oldest == null || oldest.max().after(file.max()))) {
        oldest = file;
      }
    }
    return new ReplicaInfo(replica, levels, oldest, null);
  }

  private static Level add(@Nullable Level sum, LtxFile file) {
    long time = file.modifiedMillis();
    if (sum == null) {
      return new Level(file.level(), 1, file.min(), file.max(), file.size(), time, time);
    }
    return new Level(
        sum.level,
        sum.files + 1,
        sum.min.after(file.min()) ? file.min() : sum.min,
        file.max().after(sum.max) ? file.max() : sum.max,
        sum.bytes + file.size(),
        Math.min(sum.firstUpload, time),
        Math.max(sum.lastUpload, time));
  }

  ReplicaInfo with(Plan plan, LtxHeader last, @Nullable LtxHeader first) {
    return new ReplicaInfo(
        replica,
        levels,
        oldest,
        new State(
            plan.txid(),
            last.timestampMillis(),
            first == null ? null : first.timestampMillis(),
            last.pageSize(),
            last.commit(),
            plan.files().size()));
  }

  int files() {
    return levels.stream().mapToInt(Level::files).sum();
  }

  long bytes() {
    return levels.stream().mapToLong(Level::bytes).sum();
  }
}
