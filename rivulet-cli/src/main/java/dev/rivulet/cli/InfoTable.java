package dev.rivulet.cli;

import dev.rivulet.replica.LtxFile;
import java.util.ArrayList;
import java.util.List;

/** {@code rivulet info} for people. */
final class InfoTable {
  private InfoTable() {}

  static String render(ReplicaInfo info) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        List.of("level", "files", "min TXID", "max TXID", "bytes", "first upload", "last upload"));
    for (ReplicaInfo.Level level : info.levels()) {
      rows.add(
          List.of(
              level.level() == LtxFile.SNAPSHOT_LEVEL
                  ? level.level() + " (snapshots)"
                  : Integer.toString(level.level()),
              Integer.toString(level.files()),
              level.min().toString(),
              level.max().toString(),
              Long.toString(level.bytes()),
              Times.seconds(level.firstUpload()),
              Times.seconds(level.lastUpload())));
    }
    rows.add(
        List.of(
            "all", Integer.toString(info.files()), "", "", Long.toString(info.bytes()), "", ""));
    return Table.render(summary(info)) + "\n" + Table.render(rows);
  }

  private static List<List<String>> summary(ReplicaInfo info) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("replica", info.replica()));
    ReplicaInfo.State state = info.newest();
    if (state == null) {
      return rows;
    }
    LtxFile oldest = info.oldest();
    Long firstMillis = state.firstMillis();
    rows.add(
        List.of(
            "newest state",
            "TXID %s of %s, from %d file%s"
                .formatted(
                    state.txid(),
                    Times.format(state.millis()),
                    state.planFiles(),
                    state.planFiles() == 1 ? "" : "s")));
    if (oldest != null && firstMillis != null) {
      rows.add(
          List.of(
              "oldest state", "TXID %s of %s".formatted(oldest.max(), Times.format(firstMillis))));
    }
    rows.add(
        List.of(
            "database",
            "%d pages of %d bytes, %s"
                .formatted(state.pages(), state.pageSize(), Sizes.format(state.bytes()))));
    return rows;
  }
}
