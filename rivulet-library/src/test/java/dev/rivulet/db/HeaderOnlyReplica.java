package dev.rivulet.db;

import dev.rivulet.RecordingStore;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.MemoryStore;
import dev.rivulet.store.ObjectEntry;
import dev.rivulet.store.PutRequest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A store of files of which there is only the header, for what reads nothing else of them. */
final class HeaderOnlyReplica {
  final RecordingStore store = new RecordingStore(new MemoryStore());
  final List<LtxFile> files = new ArrayList<>();
  private final Map<LtxFile, Long> times = new HashMap<>();

  /** Adds a file unless there is one of that name. */
  void add(int level, long min, long max, long time, long uploaded) {
    String key = Layout.HEX.key(level, new Txid(min), new Txid(max));
    if (files.stream().anyMatch(file -> file.key().equals(key))) {
      return;
    }
    byte[] bytes = new byte[LtxHeader.SIZE];
    new LtxHeader(
            LtxHeader.NO_CHECKSUM, 512, 1, new Txid(min), new Txid(max), time, 0, 0, 0, 0, 0, 0)
        .writeTo(bytes, 0);
    store
        .put(
            new PutRequest(
                key, PutRequest.Content.of(bytes), new PutRequest.Condition.Always(), Map.of()))
        .join();
    ObjectEntry entry = store.list(key, "", 1).join().objects().getFirst();
    LtxFile file =
        Layout.HEX.parse(new ObjectEntry(key, entry.size(), entry.etag(), uploaded)).orElseThrow();
    files.add(file);
    times.put(file, time);
    store.forget();
  }

  /** What the file's header says. */
  long time(LtxFile file) {
    Long time = times.get(file);
    if (time == null) {
      throw new AssertionError("no such file: " + file);
    }
    return time;
  }
}
