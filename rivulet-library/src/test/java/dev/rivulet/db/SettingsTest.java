package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.Environment;
import dev.rivulet.store.StoreLocation;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
  private static final Environment NONE = name -> null;

  private static Environment env(String name, String value) {
    return n -> n.equals(name) ? value : null;
  }

  private static Settings resolve(String file, Map<String, String> parameters, Environment env)
      throws SettingsException {
    return Settings.resolve(file, parameters, env);
  }

  private static Path folder(Settings settings) {
    return ((StoreLocation.Folder) settings.url().location()).path();
  }

  @Test
  void theParameterCountsBeforeTheFileNameAndThatBeforeTheVariable() throws Exception {
    Environment env = env("LITESTREAM_REPLICA_URL", "file:///from/variable");
    assertThat(folder(resolve("my.db", Map.of(), env))).isEqualTo(Path.of("/from/variable"));
    assertThat(folder(resolve("file:///from/name", Map.of(), env)))
        .isEqualTo(Path.of("/from/name"));
    assertThat(folder(resolve("my.db", Map.of("replica_url", "file:///from/parameter"), env)))
        .isEqualTo(Path.of("/from/parameter"));
    assertThat(
            folder(resolve("file:///name", Map.of("replica_url", "file:///from/parameter"), NONE)))
        .isEqualTo(Path.of("/from/parameter"));
  }

  @Test
  void withoutAnyUrlTheMessageSaysTheThreeWaysToGiveOne() {
    for (Environment env : new Environment[] {NONE, env("LITESTREAM_REPLICA_URL", "")}) {
      assertThatThrownBy(() -> resolve("my.db", Map.of("vfs", "litestream"), env))
          .isInstanceOf(SettingsException.class)
          .hasMessage(
              "No replica URL: set LITESTREAM_REPLICA_URL, or give the parameter replica_url, or"
                  + " use the URL as file name (file:s3://bucket/path?vfs=litestream)");
    }
  }

  @Test
  void aValueThatIsNoUrlIsRefusedByName() {
    assertThatThrownBy(() -> resolve("my.db", Map.of("replica_url", "/some/folder"), NONE))
        .hasMessage(
            "The value of parameter replica_url is not a replica URL; it looks like"
                + " s3://bucket/path or file:///folder");
    assertThatThrownBy(
            () -> resolve("my.db", Map.of(), env("LITESTREAM_REPLICA_URL", "bucket/path")))
        .hasMessageStartingWith("The value of LITESTREAM_REPLICA_URL is not a replica URL");
  }

  @Test
  void anUnknownSchemeIsRefused() {
    assertThatThrownBy(() -> resolve("ftp://host/path", Map.of(), NONE))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("ftp");
  }

  @Test
  void theFilesNameStandsWhereTheVariableWantsIt() throws Exception {
    Environment env = env("LITESTREAM_REPLICA_URL", "file:///replicas/{name}");
    assertThat(folder(resolve("/data/my.db", Map.of(), env))).isEqualTo(Path.of("/replicas/my.db"));
    assertThat(folder(resolve("other.db", Map.of(), env))).isEqualTo(Path.of("/replicas/other.db"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/", "/data/", ".", "..", "/data/.."})
  void aFileWithoutNameLeadsNowhere(String file) {
    assertThatThrownBy(
            () -> resolve(file, Map.of(), env("LITESTREAM_REPLICA_URL", "file:///r/{name}")))
        .hasMessage("LITESTREAM_REPLICA_URL contains {name}, but the database file has none");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a?b", "a#b", "a%2e%2e", "a&b", "a\\b", "a\nb"})
  void aNameThatWouldChangeTheUrlIsRefused(String file) {
    assertThatThrownBy(
            () -> resolve(file, Map.of(), env("LITESTREAM_REPLICA_URL", "file:///r/{name}")))
        .hasMessageContaining("has a character that cannot stand there");
  }

  @Test
  void anUnknownParameterIsNamed() {
    assertThatThrownBy(
            () -> resolve("file:///r", Map.of("vfs", "litestream", "cashe_size", "1"), NONE))
        .hasMessageStartingWith("Parameter cashe_size is not known; the parameters are ");
  }

  @Test
  void sqlitesOwnParametersAreLeftToIt() throws Exception {
    for (String name : new String[] {"vfs", "mode", "cache", "psow", "modeof"}) {
      assertThat(resolve("file:///r", Map.of(name, "x"), NONE).pinned()).isFalse();
    }
  }

  @Test
  void theStoresParametersAreTheStores() throws Exception {
    Settings a = resolve("s3://bucket/db", Map.of("endpoint", "http://localhost:1"), NONE);
    Settings b = resolve("s3://bucket/db?endpoint=http://localhost:1", Map.of(), NONE);
    assertThat(a.url().identity()).isEqualTo(b.url().identity());
    assertThatThrownBy(() -> resolve("file:///r", Map.of("endpoint", "http://localhost"), NONE))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("endpoint");
  }

  @ParameterizedTest(name = "{0} is {1} bytes")
  @CsvSource({
    "1048576, 1048576",
    "1024K, 1048576",
    "64MiB, 67108864",
    "64 mb, 67108864",
    "2m, 2097152",
    "1G, 1073741824",
    "1048576B, 1048576",
    "' 2 MiB ', 2097152"
  })
  void aCacheSizeIsWrittenAsPeopleDo(String text, long bytes) throws Exception {
    assertThat(resolve("file:///r", Map.of("cache_size", text), NONE).caches().memory())
        .isEqualTo(bytes);
    assertThat(resolve("file:///r", Map.of(), env("LITESTREAM_CACHE_SIZE", text)).caches().memory())
        .isEqualTo(bytes);
  }

  @Test
  void theCacheHas32MiBUnlessSaidOtherwise() throws Exception {
    assertThat(resolve("file:///r", Map.of(), NONE).caches().memory()).isEqualTo(32 << 20);
    assertThat(
            resolve("file:///r", Map.of("cache_size", "2M"), env("LITESTREAM_CACHE_SIZE", "4M"))
                .caches()
                .memory())
        .isEqualTo(2 << 20);
  }

  @Test
  void theDiskCacheHas256MiBUnlessSaidOtherwise() throws Exception {
    assertThat(resolve("file:///r", Map.of(), NONE).caches().disk()).isEqualTo(256 << 20);
    assertThat(
            resolve("file:///r", Map.of(), env("LITESTREAM_DISK_CACHE_SIZE", "1G")).caches().disk())
        .isEqualTo(1 << 30);
    assertThat(
            resolve(
                    "file:///r",
                    Map.of("disk_cache_size", "0"),
                    env("LITESTREAM_DISK_CACHE_SIZE", "1G"))
                .caches()
                .disk())
        .isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "16777215", "-1", "none", "1T", "9223372036854775808"})
  void aWrongDiskCacheSizeIsRefusedWithWhatWouldBeRight(String text) {
    assertThatThrownBy(() -> resolve("file:///r", Map.of("disk_cache_size", text), NONE))
        .hasMessage(
            "Parameter disk_cache_size must be a size of at least 16 MiB, like 256MiB, or 0 to keep"
                + " nothing on disk");
    assertThatThrownBy(
            () -> resolve("file:///r", Map.of(), env("LITESTREAM_DISK_CACHE_SIZE", text)))
        .hasMessageStartingWith("LITESTREAM_DISK_CACHE_SIZE must be a size");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "1048575",
        "-1",
        "M",
        "1T",
        "1.5M",
        "64MiBs",
        "0x100000",
        "9223372036854775808",
        "9223372036854775807G",
        "99999999999G",
        "\u0661\u0662\u0663M"
      })
  void aWrongCacheSizeIsRefusedWithWhatWouldBeRight(String text) {
    assertThatThrownBy(() -> resolve("file:///r", Map.of("cache_size", text), NONE))
        .hasMessage(
            "Parameter cache_size must be a size of at least 1 MiB, like 33554432 or 64MiB");
    assertThatThrownBy(() -> resolve("file:///r", Map.of(), env("LITESTREAM_CACHE_SIZE", text)))
        .hasMessageStartingWith("LITESTREAM_CACHE_SIZE must be a size");
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource({
    "1, true",
    "on, true",
    "YES, true",
    "True, true",
    "2, true",
    "10, true",
    "0, false",
    "256, false",
    "99999999999, false",
    "no, false",
    "'', false"
  })
  void immutableAndNolockPinTheViewAsSqliteReadsThem(String value, boolean pinned)
      throws Exception {
    assertThat(resolve("file:///r", Map.of("immutable", value), NONE).pinned()).isEqualTo(pinned);
    assertThat(resolve("file:///r", Map.of("nolock", value), NONE).pinned()).isEqualTo(pinned);
  }

  @Test
  void noMessageHoldsASecret() {
    String secret = "hunter2hunter2";
    assertThatThrownBy(() ->
            resolve("s3://bucket/db", Map.of("sseCustomerKey", secret, "nonsense", secret), NONE))
        .isInstanceOf(SettingsException.class)
        .message()
        .doesNotContain(secret);
    assertThatThrownBy(() -> resolve("s3://bucket/db?sseCustomerKey=" + secret, Map.of(), NONE))
        .isInstanceOf(SettingsException.class)
        .message()
        .doesNotContain(secret);
  }

  @ParameterizedTest
  @ValueSource(strings = {"gs", "abs", "oss", "sftp", "webdav", "webdavs", "nats"})
  void litestreamsOtherSchemesAreRefusedForNow(String scheme) {
    assertThatThrownBy(() -> resolve(scheme + "://host/path", Map.of(), NONE))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("not supported yet");
  }

  private static Moment moment(Map<String, String> parameters, Map<String, String> variables)
      throws SettingsException {
    return Settings.resolve("s3://bucket/my.db", parameters, variables::get).moment();
  }

  @Test
  void aMomentIsAParameterOrAVariableAndTheParameterWins() throws Exception {
    String time = "2026-11-22T10:00:00+02:00";
    long millis = java.time.Instant.parse("2026-11-22T08:00:00Z").toEpochMilli();
    Moment at = new Moment.At(new dev.rivulet.ltx.Txid(255));
    assertThat(moment(Map.of(), Map.of())).isEqualTo(Moment.LATEST);
    assertThat(moment(Map.of("time", time), Map.of())).isEqualTo(new Moment.Before(millis));
    assertThat(moment(Map.of("txid", "ff"), Map.of())).isEqualTo(at);
    assertThat(moment(Map.of(), Map.of("LITESTREAM_TIME", time)))
        .isEqualTo(new Moment.Before(millis));
    assertThat(moment(Map.of(), Map.of("LITESTREAM_TXID", "ff"))).isEqualTo(at);
    assertThat(moment(Map.of("txid", "ff"), Map.of("LITESTREAM_TIME", time))).isEqualTo(at);
    assertThat(moment(Map.of("time", "latest"), Map.of("LITESTREAM_TXID", "ff")))
        .isEqualTo(Moment.LATEST);
  }

  @Test
  void aWrongMomentIsRefusedByTheNameOfItsSetting() {
    assertThatThrownBy(() -> moment(Map.of("time", "now", "txid", "1"), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageContaining("Parameter time and Parameter txid are both given");
    assertThatThrownBy(() -> moment(Map.of("time", "soon"), Map.of()))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("Parameter time: \"soon\" is no time")
        .hasMessageContaining("5 minutes ago");
    assertThatThrownBy(() -> moment(Map.of(), Map.of("LITESTREAM_TXID", "0")))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("LITESTREAM_TXID: \"0\" is no TXID");
  }

  private static HydrationSettings hydration(Map<String, String> parameters, Environment env)
      throws SettingsException {
    return resolve("file:///replica", parameters, env).hydration();
  }

  @Test
  void aPathAloneIsEnoughToHydrate() throws Exception {
    assertThat(hydration(Map.of(), NONE)).isEqualTo(HydrationSettings.NONE);
    HydrationSettings expected = new HydrationSettings(true, Path.of("/a/b"), true, 0);
    assertThat(hydration(Map.of("hydration_path", "/a/b"), NONE)).isEqualTo(expected);
    Environment env = env("LITESTREAM_HYDRATION_PATH", "/a/b");
    assertThat(hydration(Map.of(), env)).isEqualTo(expected);
    assertThat(hydration(Map.of("hydration_enabled", "false"), env))
        .isEqualTo(HydrationSettings.NONE);
    assertThat(hydration(Map.of("hydration_path", ""), env)).isEqualTo(HydrationSettings.NONE);
    assertThat(hydration(Map.of("hydration_persist", "no", "hydration_bandwidth", "10MiB"), env))
        .isEqualTo(new HydrationSettings(true, Path.of("/a/b"), false, 10 << 20));
    assertThat(hydration(Map.of(), env("LITESTREAM_HYDRATION_ENABLED", "TRUE")))
        .isEqualTo(new HydrationSettings(true, null, false, 0));
  }

  @Test
  void eachDatabaseHasALocalFileOfItsName() throws Exception {
    Environment env =
        name ->
            switch (name) {
              case "LITESTREAM_REPLICA_URL" -> "file:///replicas/{name}";
              case "LITESTREAM_HYDRATION_PATH" -> "/local/{name}.db";
              default -> null;
            };
    assertThat(resolve("/data/my", Map.of(), env).hydration().path())
        .isEqualTo(Path.of("/local/my.db"));
  }

  @ParameterizedTest
  @CsvSource({
    "hydration_path, /, must be the path of a file",
    "hydration_path, /folder/, must be the path of a file",
    "hydration_enabled, maybe, must be true or false",
    "hydration_persist, 2, must be true or false",
    "hydration_bandwidth, 100, at least 1 KiB",
    "hydration_bandwidth, fast, at least 1 KiB",
  })
  void aWrongHydrationSettingIsRefusedByName(String name, String value, String message) {
    Map<String, String> parameters = new java.util.HashMap<>(Map.of("hydration_path", "/a/b"));
    parameters.put(name, value);
    assertThatThrownBy(() -> hydration(parameters, NONE))
        .isInstanceOf(SettingsException.class)
        .hasMessageStartingWith("Parameter " + name)
        .hasMessageContaining(message);
    Environment env =
        n ->
            n.equals("LITESTREAM_" + name.toUpperCase(java.util.Locale.ROOT))
                ? value
                : n.equals("LITESTREAM_HYDRATION_PATH") ? "/a/b" : null;
    assertThatThrownBy(() -> hydration(Map.of(), env))
        .hasMessageContaining("LITESTREAM_" + name.toUpperCase(java.util.Locale.ROOT));
  }
}
