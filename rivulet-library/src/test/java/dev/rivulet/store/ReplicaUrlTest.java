package dev.rivulet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.S3Location.Encryption;
import dev.rivulet.store.StoreException.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReplicaUrlTest {
  private static final Environment NONE = TestS3.environment();

  private static S3Location s3(String url) throws StoreException {
    return (S3Location) ReplicaUrl.parse(url, NONE).location();
  }

  @Test
  void theAdviceOnAFragmentIsRightForTheScheme() {
    assertThatThrownBy(() -> ReplicaUrl.parse("s3://bucket/a#b", NONE))
        .hasMessageContaining("write %23");
    // A file:// URL's path is taken as it stands: %23 would be a folder of that name.
    assertThatThrownBy(() -> ReplicaUrl.parse("file:///a#b", NONE))
        .hasMessageContaining("'#'")
        .hasMessageContaining("symbolic link")
        .hasMessageNotContaining("%23");
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/a/b, bucket, '', '', false, a/b/",
    "s3://bucket/a//b/./c/../d/, bucket, '', '', false, a/b/d/",
    "s3://bucket/my%20db, bucket, '', '', false, my db/",
    "s3://bucket/, bucket, '', '', false, /",
    "s3://bucket, bucket, '', '', false, ./",
    "S3://bucket/a, bucket, '', '', false, a/",
    "s3://b.s3.amazonaws.com/a, b, '', '', false, a/",
    "s3://b.c.s3.amazonaws.com/a, b.c, '', '', false, a/",
    "s3://b.s3.eu-west-1.amazonaws.com/a, b, eu-west-1, '', false, a/",
    "s3://b.nyc3.digitaloceanspaces.com/a, b, nyc3, https://nyc3.digitaloceanspaces.com, false, a/",
    "s3://b.s3.us-west-2.backblazeb2.com/a, b, us-west-2, https://s3.us-west-2.backblazeb2.com, true, a/",
    "s3://b.s3.filebase.com/a, b, '', https://s3.filebase.com, true, a/",
    "s3://b.s3.fr-par.scw.cloud/a, b, fr-par, https://s3.fr-par.scw.cloud, false, a/",
    "s3://b.localhost:9000/a, b, us-east-1, http://localhost:9000, true, a/",
    "s3://b.minio.lan:9000/a, b, us-east-1, http://minio.lan:9000, true, a/",
    "s3://arn:aws:s3:eu-west-1:123:accesspoint/ap/a/b, arn:aws:s3:eu-west-1:123:accesspoint/ap, eu-west-1, '', false, a/b/",
    "s3://arn:aws:s3:eu-west-1:123:accesspoint/ap, arn:aws:s3:eu-west-1:123:accesspoint/ap, eu-west-1, '', false, /",
  })
  void hostAndPathAreReadAsLitestreamReadsThem(
      String url, String bucket, String region, String endpoint, boolean pathStyle, String prefix)
      throws Exception {
    S3Location location = s3(url);
    assertThat(location.bucket()).isEqualTo(bucket);
    assertThat(location.region()).isEqualTo(region);
    assertThat(location.endpoint()).isEqualTo(endpoint);
    assertThat(location.pathStyle()).isEqualTo(pathStyle);
    assertThat(location.keyPrefix()).isEqualTo(prefix);
  }

  @ParameterizedTest
  @CsvSource({
    "localhost:9000, http://localhost:9000",
    "127.0.0.1:9000, http://127.0.0.1:9000",
    "10.1.2.3, http://10.1.2.3",
    "172.16.0.1, http://172.16.0.1",
    "172.32.0.1, https://172.32.0.1",
    "10.example.com, https://10.example.com",
    "192.168.0.1:80, http://192.168.0.1",
    "nas.local, http://nas.local",
    "s3.localhost, http://s3.localhost",
    "minio.example.com, https://minio.example.com",
    "HTTPS://Minio.Example.com:443/, https://minio.example.com",
    "http://minio.example.com, http://minio.example.com",
    "'http://[::1]:9000', 'http://[::1]:9000'",
  })
  void anEndpointWithoutASchemeGetsOneByItsHost(String given, String endpoint) throws Exception {
    S3Location location = s3("s3://bucket/p?endpoint=" + given);
    assertThat(location.endpoint()).isEqualTo(endpoint);
    assertThat(location.pathStyle()).isTrue();
    assertThat(s3("s3://bucket/p?force-path-style=false&endpoint=" + given).pathStyle()).isFalse();
  }

  @Test
  void theEndpointMayComeFromTheEnvironment() throws Exception {
    Environment environment = TestS3.environment("LITESTREAM_S3_ENDPOINT", "http://localhost:9000");
    assertThat(((S3Location) ReplicaUrl.parse("s3://b/p", environment).location()).endpoint())
        .isEqualTo("http://localhost:9000");
    assertThat(
            ((S3Location)
                    ReplicaUrl.parse("s3://b/p?endpoint=https://x.example", environment).location())
                .endpoint())
        .isEqualTo("https://x.example");
  }

  @Test
  void everyParameterIsHonouredOrRefusedInBothSpellings() throws Exception {
    S3Location one =
        s3(
            "s3://b/p?region=eu-west-1&forcePathStyle=1&skipVerify=T&signPayload=no"
                + "&requireContentMD5=false&storageClass=GLACIER_IR&sseKmsKeyId=k&anonymous=yes");
    S3Location two =
        s3(
            "s3://b/p?region=eu-west-1&force-path-style=true&skip-verify=yes&sign-payload=0"
                + "&require-content-md5=F&storage-class=GLACIER_IR&sse-kms-key-id=k&anonymous=t");
    assertThat(one).isEqualTo(two);
    assertThat(one)
        .isEqualTo(
            new S3Location(
                "b",
                "eu-west-1",
                "",
                true,
                "p/",
                true,
                true,
                false,
                false,
                "GLACIER_IR",
                new Encryption.Kms("k")));
    String key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D";
    S3Location encrypted = s3("s3://b/p?sse-customer-algorithm=AES256&sse-customer-key=" + key);
    assertThat(encrypted.encryption())
        .isEqualTo(
            new Encryption.CustomerKey(UrlSyntax.decode(key, true), "cLyPS3KoaSFGi/joRB3OUQ=="));
    assertThat(encrypted.toString()).doesNotContain("AAAAAAAA");
    // Every name that is known does something: it changes the location or is refused.
    S3Location plain = s3("s3://b/p");
    for (String name : ReplicaUrl.PARAMETERS) {
      String lower = name.toLowerCase(java.util.Locale.ROOT);
      String value =
          lower.startsWith("sign") || lower.startsWith("require")
              ? "false"
              : lower.contains("key") && lower.contains("ustomer") ? key : "true";
      try {
        assertThat(s3("s3://b/p?" + name + "=" + value)).as(name).isNotEqualTo(plain);
      } catch (StoreException e) {
        assertThat(e.getMessage()).contains("Parameter");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s3://b/p?endpiont=x",
        "s3://b/p?skipVerify=maybe",
        "s3://b/p?region=a/b",
        "s3://b/p?region=a&region=b",
        "s3://b/p?forcePathStyle=1&force-path-style=1",
        "s3://b/p?partSize=5",
        "s3://b/p?part-size=abc",
        "s3://b/p?concurrency=0",
        "s3://b/p?sseCustomerKey=short",
        "s3://b/p?sseCustomerAlgorithm=ROT13",
        "s3://b/p?storageClass=a%0d%0ab",
        "file:///a?x=1",
      })
  void aBadParameterIsNamed(String url) {
    String name = url.substring(url.indexOf('?') + 1, url.indexOf('='));
    if (name.equals("forcePathStyle")) {
      name = "orce";
    }
    String expected = name;
    assertThatThrownBy(() -> ReplicaUrl.parse(url, NONE))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OTHER))
        .hasMessageContaining(expected.equals("part-size") ? "partSize" : expected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "bucket/p",
        "://x",
        "s3:/b/p",
        "s3://",
        "s3:///p",
        "s3://localhost:9000/p",
        "s3://nyc3.digitaloceanspaces.com/p",
        "s3://user:hunter2@bucket/p",
        "s3://b/%zz",
        "s3://b/%ff",
        "s3://b/p#f",
        "s3://b/a\nb",
        "file://u@h/p",
        "s3://arn:aws:s3:x",
        "gcs://b/p",
        "gs://b/p",
        "abs://b/p",
        "oss://b/p",
        "sftp://h/p",
        "webdav://h/p",
        "webdavs://h/p",
        "nats://h/p",
        "http://h/p",
        "s3://b/p?endpoint=ftp://x",
        "s3://b/p?endpoint=http://u:hunter2@x",
        "s3://b/p?endpoint=http://x/path",
        "s3://b/p?endpoint=x:99999",
        "s3://b/p?endpoint=a%20b",
        "s3://b/p?endpoint=http://x.com&sseCustomerKey=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D",
      })
  void aBadUrlIsRefusedWithASentenceWithoutSecrets(String url) {
    assertThatThrownBy(() -> ReplicaUrl.parse(url, NONE))
        .isInstanceOf(StoreException.class)
        .hasMessageEndingWith(".")
        .hasMessageNotContaining("hunter2")
        .hasMessageNotContaining("AAAAAAAA");
  }

  @Test
  void litestreamsOtherSchemesAreToldFromUnknownOnes() {
    assertThatThrownBy(() -> ReplicaUrl.parse("gs://b/p", NONE))
        .hasMessageContaining("not supported yet");
    assertThatThrownBy(() -> ReplicaUrl.parse("gopher://b/p", NONE))
        .hasMessageContaining("no replicas at gopher://");
  }

  @ParameterizedTest
  @CsvSource({
    "file:///a/b, /a/b",
    "file:///a//b/../c/, /a/c",
    "file://rel/x, /rel/x",
    "file://, .",
    "file:///a/my%20dir, /a/my%20dir",
    "file:///a/my dir, /a/my%20dir",
    "file:///../.., /",
  })
  void aFileUrlIsTheFolderThatLitestreamWouldUse(String url, String folder) throws Exception {
    assertThat(ReplicaUrl.parse(url, NONE).location())
        .isEqualTo(new StoreLocation.Folder(Path.of(folder)));
  }

  @Test
  void theIdentityIsEqualExactlyForTheSameReplica() throws Exception {
    String one = "s3://b/p?endpoint=http://x.example:80/&region=eu-west-1";
    assertThat(identity("s3://b//p/?endpoint=HTTP://X.example")).isEqualTo(identity(one));
    assertThat(identity("s3://b.s3.eu-west-1.amazonaws.com/p")).isEqualTo(identity("s3://b/p"));
    assertThat(identity("file:///a/../b")).isEqualTo(identity("file:///b/"));
    List<String> all = new ArrayList<>();
    for (String url :
        List.of(
            "s3://b/p",
            "s3://b/q",
            "s3://c/p",
            "s3://b/",
            "s3://b",
            one,
            "file:///b/p",
            "s3://b/p?endpoint=https://x.example",
            "s3://b/p?anonymous=true",
            "s3://b/p?skipVerify=true")) {
      all.add(identity(url));
    }
    assertThat(all).doesNotHaveDuplicates();
    ReplicaUrl secret =
        ReplicaUrl.parse(
            "s3://b/p?sseCustomerKey=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%3D", NONE);
    assertThat(secret.toString()).doesNotContain("AAAAAAAA");
  }

  private static String identity(String url) throws StoreException {
    return ReplicaUrl.parse(url, NONE).identity();
  }

  @ParameterizedTest
  @CsvSource({
    "s3://bucket/p, us-west-2, true, bucket.s3.us-west-2.amazonaws.com, 443, /",
    "s3://my.bucket/p, us-west-2, true, s3.us-west-2.amazonaws.com, 443, /my.bucket/",
    "s3://bucket/p?forcePathStyle=true, cn-north-1, true, s3.cn-north-1.amazonaws.com.cn, 443, /bucket/",
    "s3://arn:aws:s3:eu-west-1:123:accesspoint/ap/a, eu-west-1, true, ap-123.s3-accesspoint.eu-west-1.amazonaws.com, 443, /",
    "s3://bucket/p?endpoint=https://x.example, r, true, x.example, 443, /bucket/",
    "s3://bucket/p?endpoint=https://x.example:8443&forcePathStyle=0, r, true, bucket.x.example, 8443, /",
    "s3://bucket/p?endpoint=http://x.example, r, false, x.example, 80, /bucket/",
    "'s3://bucket/p?endpoint=http://[::1]:9000', r, false, ::1, 9000, /bucket/",
  })
  void requestsGoToTheHostOfTheBucketsRegion(
      String url, String region, boolean tls, String host, int port, String base) throws Exception {
    S3Endpoint endpoint = S3Endpoint.of(s3(url), region);
    assertThat(endpoint.tls()).isEqualTo(tls);
    assertThat(endpoint.host()).isEqualTo(host);
    assertThat(endpoint.port()).isEqualTo(port);
    assertThat(endpoint.basePath()).isEqualTo(base);
    assertThat(endpoint.region()).isEqualTo(region);
  }
}
