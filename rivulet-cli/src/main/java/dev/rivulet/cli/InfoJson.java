package dev.rivulet.cli;

import dev.rivulet.replica.LtxFile;
import org.jspecify.annotations.Nullable;

/** {@code rivulet info --json}: one object, indented by two spaces. */
final class InfoJson {
  private InfoJson() {}

  /**
   * Renders.
   *
   * @param problem why the newest state cannot be had, or null
   */
  static String render(ReplicaInfo info, @Nullable String problem) {
    JsonText json = new JsonText();
    json.object().name("replica").string(info.replica());
    json.name("files").number(info.files()).name("bytes").number(info.bytes());
    ReplicaInfo.State state = info.newest();
    LtxFile oldest = info.oldest();
    if (state != null) {
      Long first = state.firstMillis();
      json.name("page_size").number(state.pageSize()).name("pages").number(state.pages());
      json.name("database_bytes").number(state.bytes());
      json.name("plan_files").number(state.planFiles());
      json.name("min_txid").string(oldest == null ? null : oldest.max().toString());
      json.name("min_time").string(first == null ? null : Times.format(first));
      json.name("max_txid").string(state.txid().toString());
      json.name("max_time").string(Times.format(state.millis()));
    }
    if (problem != null) {
      json.name("problem").string(problem);
    }
    json.name("levels").array();
    for (ReplicaInfo.Level level : info.levels()) {
      json.object().name("level").number(level.level()).name("files").number(level.files());
      json.name("min_txid").string(level.min().toString());
      json.name("max_txid").string(level.max().toString());
      json.name("bytes").number(level.bytes());
      json.name("first_upload").string(Times.format(level.firstUpload()));
      json.name("last_upload").string(Times.format(level.lastUpload())).endObject();
    }
    return json.endArray().endObject() + "\n";
  }
}
