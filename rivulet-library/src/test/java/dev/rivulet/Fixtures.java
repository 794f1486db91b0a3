package dev.rivulet;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.rivulet.testing.GoldenReplicas;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * The golden replicas, which Litestream made: {@code shared/fixtures} in a folder above this
 * project, or wherever {@code -Drivulet.fixtures} says. They are not part of the project; tests on
 * them are skipped, and say so, where they are absent.
 */
public final class Fixtures {

  /** Where a database file, opened through a VFS, differs from the restored one: start, length. */
  private static final int[][] NOT_COMPARED = {{18, 2}, {24, 4}, {92, 4}};

  /**
   * One replica.
   *
   * @param replica the folder a {@code file://} URL would name; it contains {@code ltx/}
   * @param latest what a restore without further arguments gives
   * @param byTxid what {@code restore -txid} gives
   * @param byTime what {@code restore -timestamp} gives
   */
  public record Fixture(
      String name,
      Path replica,
      int pageSize,
      List<LtxFile> files,
      State latest,
      List<State> byTxid,
      List<State> byTime) {
    /** Where a file of the manifest is. */
    public Path path(LtxFile file) {
      return replica.resolve("ltx").resolve(Integer.toString(file.level())).resolve(file.name());
    }

    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * One LTX file.
   *
   * @param time the one in its header
   * @param modifiedMillis the file time that Litestream's own file client had set
   */
  public record LtxFile(
      int level,
      String name,
      long size,
      int commit,
      Instant time,
      long modifiedMillis,
      String sha256) {}

  /**
   * What Litestream makes of one moment of a replica: a database, or an error.
   *
   * @param txid 16 hex digits, if it is one by TXID
   * @param time if it is one by time
   * @param sha256 as {@link #digest} has it; null if there is an error
   * @param size bytes of the restored file; 0 if there is an error
   * @param tables row counts by table; empty if not known
   */
  public record State(
      @Nullable String txid,
      @Nullable Instant time,
      @Nullable String sha256,
      long size,
      Map<String, Long> tables,
      @Nullable String error) {
    @Override
    public String toString() {
      return txid != null ? "TXID " + txid : time != null ? time.toString() : "latest";
    }
  }

  private Fixtures() {}

  /** All of them, or the running test is skipped. */
  public static List<Fixture> all() {
    Path folder = folder();
    try (Stream<Path> children = Files.list(folder)) {
      return children
          .filter(child -> Files.exists(child.resolve("manifest.json")))
          .sorted()
          .map(Fixtures::read)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The one of a name, or the running test is skipped. */
  public static Fixture named(String name) {
    return read(folder().resolve(name));
  }

  /**
   * The SHA-256 of a database file without the bytes that depend on who presents it: what the
   * manifests have.
   */
  public static String digest(InputStream database) throws IOException {
    MessageDigest sha256 = sha256();
    byte[] buffer = new byte[1 << 20];
    int first = database.readNBytes(buffer, 0, buffer.length);
    for (int[] range : NOT_COMPARED) {
      for (int i = range[0]; i < Math.min(first, range[0] + range[1]); i++) {
        buffer[i] = 0;
      }
    }
    for (int n = first; n > 0; n = database.readNBytes(buffer, 0, buffer.length)) {
      sha256.update(buffer, 0, n);
    }
    return HexFormat.of().formatHex(sha256.digest());
  }

  /** The SHA-256 of bytes as they are. */
  public static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(sha256().digest(bytes));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has it", e);
    }
  }

  private static Path folder() {
    return GoldenReplicas.folder().orElseGet(() -> Assumptions.abort(GoldenReplicas.ABSENT));
  }

  private static Fixture read(Path folder) {
    JsonObject manifest;
    try {
      manifest =
          JsonParser.parseString(Files.readString(folder.resolve("manifest.json")))
              .getAsJsonObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new Fixture(
        String.valueOf(folder.getFileName()),
        folder.resolve("replica"),
        manifest.get("page_size").getAsInt(),
        list(manifest.getAsJsonArray("files")).map(Fixtures::file).toList(),
        state(manifest.getAsJsonObject("latest")),
        list(manifest.getAsJsonArray("by_txid")).map(Fixtures::state).toList(),
        list(manifest.getAsJsonArray("by_time")).map(Fixtures::state).toList());
  }

  private static Stream<JsonObject> list(JsonArray array) {
    return StreamSupport.stream(array.spliterator(), false).map(JsonElement::getAsJsonObject);
  }

  private static LtxFile file(JsonObject json) {
    return new LtxFile(
        json.get("level").getAsInt(),
        json.get("name").getAsString(),
        json.get("size").getAsLong(),
        json.get("commit").getAsInt(),
        Instant.parse(json.get("time").getAsString()),
        json.get("mtime_ms").getAsLong(),
        json.get("sha256").getAsString());
  }

  private static State state(JsonObject json) {
    var tables = new TreeMap<String, Long>();
    if (json.has("tables")) {
      json.getAsJsonObject("tables")
          .asMap()
          .forEach((table, rows) -> tables.put(table, rows.getAsLong()));
    }
    String time = text(json, "time");
    return new State(
        text(json, "txid"),
        time == null ? null : Instant.parse(time),
        text(json, "sha256"),
        json.has("size") ? json.get("size").getAsLong() : 0,
        tables,
        text(json, "error"));
  }

  private static @Nullable String text(JsonObject json, String name) {
    return json.has(name) ? json.get(name).getAsString() : null;
  }
}
