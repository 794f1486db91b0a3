package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hosts that read from S3 with exactly the AWS settings that a test gives. No result may hold a
 * credential.
 */
final class S3Host {
  /** The key and the secret that the test's own servers know. */
  static final Map<String, String> CREDENTIALS =
      Map.of(
          "AWS_ACCESS_KEY_ID",
          S3Server.ACCESS_KEY,
          "AWS_SECRET_ACCESS_KEY",
          S3Server.SECRET_KEY,
          // The rest of AWS's chain would ask the network for others.
          "AWS_EC2_METADATA_DISABLED",
          "true");

  static final String OPEN = ".open file:my.db?vfs=litestream";

  private S3Host() {}

  /** One server for the classes that only read from it; it ends with the process of the tests. */
  static S3Server server() {
    return Shared.SERVER;
  }

  private static final class Shared {
    static final S3Server SERVER = started();

    private static S3Server started() {
      try {
        return S3Server.start();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** {@link #CREDENTIALS} and the replica's URL. */
  static Map<String, String> environment(String url) {
    return with(CREDENTIALS, "LITESTREAM_REPLICA_URL", url);
  }

  /** {@link #environment(String)} for a replica behind an endpoint, by path style. */
  static Map<String, String> environment(String endpoint, String bucketAndPath) {
    return environment("s3://" + bucketAndPath + "?endpoint=" + endpoint);
  }

  static Map<String, String> with(Map<String, String> environment, String name, String value) {
    Map<String, String> all = new HashMap<>(environment);
    all.put(name, value);
    return all;
  }

  /** The stock sqlite3 with the extension loaded and {@link #OPEN}; then the commands. */
  static Host.Result sqlite3(Map<String, String> environment, String... commands) throws Exception {
    String[] all = new String[commands.length + 1];
    all[0] = OPEN;
    System.arraycopy(commands, 0, all, 1, commands.length);
    return discreet(environment, Host.sqlite3(environment, all));
  }

  static Host.Result run(Map<String, String> environment, String input, List<String> command)
      throws Exception {
    return discreet(environment, Host.run(environment, input, command));
  }

  private static Host.Result discreet(Map<String, String> environment, Host.Result result) {
    assertDiscreet(environment, result.out() + result.err());
    return result;
  }

  static void assertDiscreet(Map<String, String> environment, String said) {
    for (String name : List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")) {
      String value = environment.get(name);
      if (value != null) {
        assertThat(said).doesNotContain(value);
      }
    }
  }
}
