package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.testing.ForwardProxy;
import dev.rivulet.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Endpoints that only a proxy can reach: their names are known to nobody else. */
class HttpProxyTest {
  private static final String HOST = "store.internal.test";

  private static Environment environment(String... namesAndValues) {
    Map<String, String> values = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      values.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return name -> values.containsKey(name) ? values.get(name) : TestS3.credentials().get(name);
  }

  private static S3Store open(String endpoint, Environment environment) throws Exception {
    return new S3Store(
        TestS3.location("s3://bucket/p?skipVerify=true&endpoint=" + endpoint),
        environment,
        StoreLimits.defaults());
  }

  @ParameterizedTest
  @ValueSource(strings = {"HTTP_PROXY", "http_proxy"})
  void plainRequestsAreHandedToTheProxyWithItsUser(String variable) throws Exception {
    String bucket = TestS3.bucket();
    try (ForwardProxy proxy = new ForwardProxy(TestS3.SERVER.port(), "me:hush");
        S3Store store =
            new S3Store(
                TestS3.location("s3://" + bucket + "/p?endpoint=http://" + HOST),
                environment(variable, "http://me:hush@127.0.0.1:" + proxy.port()),
                StoreLimits.defaults())) {
      assertThat(await(store.list("", "", 1)).objects()).isEmpty();
      assertThat(proxy.asked()).hasSize(1);
      assertThat(proxy.asked().getFirst()).startsWith("GET http://" + HOST);
    }
  }

  @Test
  void encryptedRequestsGoThroughATunnel(@TempDir Path folder) throws Exception {
    Files.createDirectory(folder.resolve("bucket"));
    try (S3Server server = S3Server.builder().folder(folder).tls().start();
        ForwardProxy proxy = new ForwardProxy(server.port(), "");
        S3Store store =
            open("https://" + HOST, environment("HTTPS_PROXY", "127.0.0.1:" + proxy.port()))) {
      assertThat(await(store.list("", "", 1)).objects()).isEmpty();
      assertThat(proxy.asked()).containsExactly("CONNECT " + HOST + ":443 HTTP/1.1");
    }
  }

  @Test
  void aProxyThatRefusesOrIsNotThereIsNamedWithoutItsUser() throws Exception {
    int port;
    try (ForwardProxy proxy = new ForwardProxy(TestS3.SERVER.port(), "me:right")) {
      port = proxy.port();
      assertNamed("127.0.0.1:" + port);
    }
    assertNamed("127.0.0.1:" + port);
  }

  private static void assertNamed(String proxy) throws Exception {
    try (S3Store store =
        open("https://" + HOST, environment("HTTPS_PROXY", "http://me:hush@" + proxy))) {
      assertThatThrownBy(() -> await(store.list("", "", 1)))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("https://" + HOST)
          .hasMessageContaining("through the proxy " + proxy)
          .hasMessageNotContaining("hush");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"socks5://me:hush@p:1", "https://me:hush@p:1", "http://me:hush@", "%"})
  void aProxyOfAnotherKindIsRefusedAndNotIgnored(String value) {
    assertThatThrownBy(() -> open("http://" + HOST, environment("HTTP_PROXY", value)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("HTTP_PROXY")
        .hasMessageContaining("http://host:port")
        .hasMessageNotContaining("hush");
  }

  @ParameterizedTest
  @CsvSource({
    "http://s3.a.test, '', true",
    "https://s3.a.test, '', false",
    "http://localhost:9000, '', false",
    "http://127.0.0.1, '', false",
    "http://s3.a.test, *, false",
    "http://s3.a.test, a.test, false",
    "http://s3.a.test, 'b.test, .A.test', false",
    "http://s3.a.test, *.a.test, false",
    "http://s3.a.test, s3.a.test, false",
    "http://a.test, .a.test, true",
    "http://sa.test, a.test, true",
    "http://s3.a.test:81, s3.a.test:81, false",
    "http://s3.a.test:81, s3.a.test:82, true",
    "http://10.0.0.7, 10.0.0.7, false",
    "http://10.0.0.7, 10.0.0.0/8, false",
    "http://11.0.0.7, 10.0.0.0/8, true",
    "http://10.0.0.7, '10.0.0.0/33, 10.0.0.0/x, ::/0', true",
    "http://s3.a.test, 0.0.0.0/0, true",
    "http://[fd00::7], fd00::/16, false",
    "http://[::1], '', false",
  })
  void noProxyNamesHostsAsGoReadsIt(String endpoint, String noProxy, boolean used)
      throws Exception {
    S3Endpoint to = S3Endpoint.of(TestS3.location("s3://b/p?endpoint=" + endpoint), "us-east-1");
    Environment environment = environment("HTTP_PROXY", "proxy.test:3128", "NO_PROXY", noProxy);
    assertThat(HttpProxy.of(to, environment))
        .isEqualTo(used ? new HttpProxy("proxy.test", 3128, "") : null);
  }

  @Test
  void theProxyThatAVisitorOfACgiProgramSendsIsIgnored() throws Exception {
    S3Endpoint to = S3Endpoint.of(TestS3.location("s3://b/p?endpoint=http://a.test"), "us-east-1");
    assertThat(HttpProxy.of(to, environment("HTTP_PROXY", "evil:1", "REQUEST_METHOD", "GET")))
        .isNull();
  }
}
