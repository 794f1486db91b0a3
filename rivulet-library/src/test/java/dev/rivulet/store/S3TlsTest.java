package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.await;
import static dev.rivulet.store.ObjectStoreContract.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.PutRequest.Condition;
import dev.rivulet.store.PutRequest.Content;
import dev.rivulet.store.StoreException.Kind;
import dev.rivulet.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** https against a real S3 server, whose certificate a private authority has signed. */
class S3TlsTest {
  private static S3Server server;

  @BeforeAll
  static void start(@TempDir Path folder) throws Exception {
    Files.createDirectory(folder.resolve("bucket"));
    server = S3Server.builder().folder(folder).tls().start();
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  private static S3Store open(String parameters, String... environment) throws Exception {
    Environment extra = TestS3.environment(environment);
    return new S3Store(
        TestS3.location("s3://bucket/p?endpoint=" + server.endpoint() + parameters),
        name -> {
          String value = extra.get(name);
          return value == null ? TestS3.credentials().get(name) : value;
        },
        StoreLimits.defaults());
  }

  private static void assertWorks(S3Store store, String key) throws Exception {
    try (store) {
      await(
          store.put(new PutRequest(key, Content.of(utf8("x")), new Condition.Always(), Map.of())));
      assertThat(await(store.list(key, "", 10)).objects()).hasSize(1);
    }
  }

  @Test
  void anAuthorityInSslCertFileIsTrusted() throws Exception {
    assertWorks(open("", "SSL_CERT_FILE", server.authority().toString()), "a");
  }

  @Test
  void anAuthorityInAwsCaBundleIsTrustedBeforeSslCertFile() throws Exception {
    assertWorks(
        open("", "AWS_CA_BUNDLE", server.authority().toString(), "SSL_CERT_FILE", "/no/such"), "b");
  }

  @Test
  void skipVerifyTrustsAnyCertificate() throws Exception {
    assertWorks(open("&skipVerify=true"), "c");
  }

  @Test
  void anUnknownAuthorityIsAnErrorWithinTheDeadlineThatNamesTheCure() throws Exception {
    long begun = System.nanoTime();
    try (ObjectStore store = new RetryingStore(open(""), StoreLimits.defaults())) {
      assertThatThrownBy(() -> await(store.list("", "", 1)))
          .isInstanceOfSatisfying(
              StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OTHER))
          .hasMessageContaining("not trusted")
          .hasMessageContaining("SSL_CERT_FILE")
          .hasMessageContaining("AWS_CA_BUNDLE")
          .hasMessageContaining(server.endpoint());
    }
    // Not a timing of the machine: aws-crt alone would take 12 to 29 s.
    assertThat(System.nanoTime() - begun).isLessThan(11_000_000_000L);
  }

  @Test
  void aMissingOrBrokenAuthorityFileIsNamedWithItsVariable(@TempDir Path folder) throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.pem"), "nothing");
    assertThatThrownBy(() -> open("", "AWS_CA_BUNDLE", broken.toString()))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("AWS_CA_BUNDLE")
        .hasMessageContaining(broken.toString());
    assertThatThrownBy(() -> open("", "SSL_CERT_FILE", "/no/such/file"))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("SSL_CERT_FILE")
        .hasMessageContaining("/no/such/file");
  }

  @Test
  void objectsCanBeEncryptedWithTheCustomersKey() throws Exception {
    String key = Base64.getEncoder().encodeToString(new byte[32]);
    String other = Base64.getEncoder().encodeToString(utf8("another key of 32 bytes in all.."));
    String bucket = TestS3.bucket();
    String url = TestS3.SERVER.url(bucket, "p") + "&sseCustomerAlgorithm=AES256&sseCustomerKey=";
    try (S3Store right = TestS3.open(url + UrlSyntax.encode(key, ""));
        S3Store wrong = TestS3.open(url + UrlSyntax.encode(other, ""));
        S3Store none = TestS3.open(TestS3.SERVER.url(bucket, "p"))) {
      await(
          right.put(
              new PutRequest("k", Content.of(utf8("secret")), new Condition.Always(), Map.of())));
      java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
      GetRequest request = new GetRequest("k", new ByteRange(1, 4));
      await(right.get(request, out::write));
      assertThat(out.toByteArray()).isEqualTo(utf8("ecre"));
      assertThatThrownBy(() -> await(wrong.get(request, out::write)))
          .isInstanceOf(StoreException.class)
          .hasMessageNotContaining(other);
      assertThatThrownBy(() -> await(none.get(request, out::write)))
          .isInstanceOf(StoreException.class);
    }
  }
}
