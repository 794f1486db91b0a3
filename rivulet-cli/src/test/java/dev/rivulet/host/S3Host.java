package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.S3Server;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Hosts that read from S3 with exactly the AWS settings that a test gives, whatever the machine
 * has. No result may hold a credential.
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

  /** {@link #CREDENTIALS} and the replica's URL. */
  static Map<String, String> environment(String url) {
    return with(CREDENTIALS, "LITESTREAM_REPLICA_URL", url);
  }

  static Map<String, String> with(Map<String, String> environment, String name, String value) {
    Map<String, String> all = new HashMap<>(environment);
    all.put(name, value);
    return all;
  }

  /** The stock sqlite3 with the extension loaded and {@link #OPEN}; then the commands. */
  static Host.Result sqlite3(Map<String, String> environment, String... commands) throws Exception {
    String script =
        ".load '"
            + Host.distribution().resolve("litestream")
            + "'\n"
            + OPEN
            + "\n"
            + String.join("\n", commands)
            + "\n";
    return run(environment, script, List.of("sqlite3", "-batch", ":memory:"));
  }

  static Host.Result run(Map<String, String> environment, String input, List<String> command)
      throws Exception {
    List<String> all = new ArrayList<>(List.of("env"));
    for (String name : System.getenv().keySet()) {
      boolean foreign = name.startsWith("AWS_") || name.startsWith("SSL_CERT_");
      if (foreign && !environment.containsKey(name)) {
        all.addAll(List.of("-u", name));
      }
    }
    all.addAll(command);
    Host.Result result = Host.run(environment, input, all);
    for (String name : List.of("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")) {
      String value = environment.get(name);
      if (value != null) {
        assertThat(result.out() + result.err()).doesNotContain(value);
      }
    }
    return result;
  }
}
