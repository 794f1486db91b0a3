package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.StoreException.Kind;
import dev.rivulet.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who may do what, on a real S3 server. */
class S3AccessTest {
  private static void assertRefused(Environment environment, String url, Kind kind, String hint)
      throws Exception {
    try (ObjectStore store =
        Stores.open(ReplicaUrl.parse(url, environment), environment, StoreLimits.defaults())) {
      assertThatThrownBy(() -> await(store.list("", "", 1)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).as(e.toString()).isEqualTo(kind))
          .hasMessageContaining(hint)
          .hasMessageNotContaining("wrong-secret");
    }
  }

  @Test
  void aWrongSecretIsToldFromAWrongKey() throws Exception {
    String url = TestS3.SERVER.url(TestS3.bucket(), "p");
    assertRefused(
        TestS3.environment(
            "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", "wrong-secret"),
        url,
        Kind.FORBIDDEN,
        "AWS_SECRET_ACCESS_KEY");
    assertRefused(
        TestS3.environment("AWS_ACCESS_KEY_ID", "unknown", "AWS_SECRET_ACCESS_KEY", "wrong-secret"),
        url,
        Kind.FORBIDDEN,
        "AWS_ACCESS_KEY_ID");
    assertRefused(TestS3.environment(), url + "&anonymous=true", Kind.FORBIDDEN, "credentials");
  }

  @Test
  void aMissingBucketIsNamed() throws Exception {
    assertRefused(
        TestS3.credentials(),
        TestS3.SERVER.url("no-such-bucket", "p"),
        Kind.NOT_FOUND,
        "no bucket no-such-bucket");
  }

  @Test
  void anUnknownHostIsAnErrorThatNamesIt() throws Exception {
    assertRefused(
        TestS3.credentials(),
        "s3://b/p?endpoint=http://no-such-host.invalid",
        Kind.TEMPORARY,
        "no-such-host.invalid");
  }

  @Test
  void anOpenServerNeedsNoCredentials(@TempDir Path folder) throws Exception {
    Files.createDirectory(folder.resolve("bucket"));
    try (S3Server open = S3Server.builder().folder(folder).anonymous().start()) {
      open.admin().put("bucket", "p/0000/x", new byte[10]);
      try (ObjectStore store =
          Stores.open(
              ReplicaUrl.parse(open.url("bucket", "p") + "&anonymous=1", TestS3.environment()),
              TestS3.environment(),
              StoreLimits.defaults())) {
        assertThat(await(store.list("", "", 10)).objects())
            .extracting(ObjectEntry::key)
            .containsExactly("0000/x");
      }
    }
  }

  /** aws-crt's chain reads the real environment, so this is a process of its own. */
  @Test
  void aProfileFileIsReadAndItsAbsenceSaysWhatToSet(@TempDir Path folder) throws Exception {
    String url = TestS3.SERVER.url(TestS3.bucket(), "p");
    Path file =
        Files.writeString(
            folder.resolve("credentials"),
            "[work]\naws_access_key_id = "
                + S3Server.ACCESS_KEY
                + "\naws_secret_access_key = "
                + S3Server.SECRET_KEY
                + "\n");
    assertThat(listInChild(url, file, "work")).isEqualTo("0 objects");
    assertThat(listInChild(url, file, "other"))
        .startsWith("FORBIDDEN No credentials for S3 were found")
        .contains("AWS_PROFILE");
  }

  private static String listInChild(String url, Path credentials, String profile) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Lister.class.getName(),
                url));
    builder.environment().put("AWS_SHARED_CREDENTIALS_FILE", credentials.toString());
    builder.environment().put("AWS_CONFIG_FILE", credentials.resolveSibling("none").toString());
    builder.environment().put("AWS_PROFILE", profile);
    builder.environment().put("AWS_EC2_METADATA_DISABLED", "true");
    Process process = builder.redirectErrorStream(true).start();
    String output =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return output.strip();
  }

  /** What the child does. */
  static final class Lister {
    public static void main(String[] args) throws Exception {
      Environment environment = Environment.ofProcess();
      try (ObjectStore store =
          Stores.open(
              ReplicaUrl.parse(args[0], environment), environment, StoreLimits.defaults())) {
        System.out.println(await(store.list("", "", 1)).objects().size() + " objects");
      } catch (StoreException e) {
        System.out.println(e.kind() + " " + e.getMessage());
      }
      S3Store.shutdownAll();
    }
  }
}
