package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.assertFails;
import static dev.rivulet.store.ObjectStoreContract.await;
import static dev.rivulet.store.ObjectStoreContract.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.PutRequest.Condition;
import dev.rivulet.store.PutRequest.Content;
import dev.rivulet.store.StoreException.Kind;
import dev.rivulet.testing.ScriptedServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers that a real S3 server cannot be made to give. */
class S3AnswersTest {
  private static final String EMPTY_LIST =
      "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>";
  private static final StoreLimits LIMITS =
      new StoreLimits(5_000, 5_000, 1_000, 15_000, 15_000, 3, 4);

  private ScriptedServer server;
  private S3Store direct;
  private ObjectStore store;

  @BeforeEach
  void open() throws Exception {
    server = new ScriptedServer();
    direct =
        new S3Store(
            TestS3.location("s3://b/p?endpoint=" + server.endpoint()),
            TestS3.credentials(),
            LIMITS);
    store = new RetryingStore(direct, LIMITS);
  }

  @AfterEach
  void close() {
    store.close();
    server.close();
  }

  private CompletableFuture<ListPage> list() {
    return store.list("", "", 10);
  }

  private CompletableFuture<ObjectVersion> get(ByteArrayOutputStream out, long length) {
    return store.get(new GetRequest("k", new ByteRange(0, length)), out::write);
  }

  @Test
  void a503IsTriedAgain() throws Exception {
    server.error(503, "SlowDown");
    server.answer(500, "");
    server.answer(200, EMPTY_LIST);
    assertThat(await(list()).objects()).isEmpty();
    assertThat(server.requests()).hasSize(3);
  }

  @Test
  void a503ThatStaysIsShownAfterTheLastTry() {
    for (int i = 0; i < 3; i++) {
      server.error(503, "SlowDown");
    }
    assertFails(list(), Kind.TEMPORARY);
    assertThat(server.requests()).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource({
    "400, BadDigest, OTHER, refused",
    "400, ExpiredToken, FORBIDDEN, renew",
    "400, RequestTimeout, TEMPORARY, try again",
    "401, '', FORBIDDEN, credentials",
    "403, InvalidAccessKeyId, FORBIDDEN, AWS_ACCESS_KEY_ID",
    "403, SignatureDoesNotMatch, FORBIDDEN, AWS_SECRET_ACCESS_KEY",
    "403, RequestTimeTooSkewed, FORBIDDEN, clock",
    "403, AccessDenied, FORBIDDEN, credentials",
    "404, NoSuchBucket, NOT_FOUND, no bucket b",
    "404, NoSuchKey, NOT_FOUND, no object",
    "404, '', NOT_FOUND, not found",
    "405, MethodNotAllowed, OTHER, refused",
    "409, ConditionalRequestConflict, TEMPORARY, another write",
    "429, '', TEMPORARY, try again",
    "502, '', TEMPORARY, try again",
    "504, '', TEMPORARY, try again",
    "501, NotImplemented, OTHER, refused",
    "301, PermanentRedirect, OTHER, region",
    "302, '', OTHER, endpoint",
    "403, InvalidObjectState, OTHER, archive",
  })
  void eachRefusalHasItsKindAndSaysWhatToDo(int status, String code, Kind kind, String hint) {
    server.error(status, code);
    assertThatThrownBy(() -> await(direct.list("", "", 10)))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.kind()).as(e.getMessage()).isEqualTo(kind);
              assertThat(e).hasMessageContaining(hint);
              assertThat(e.toString())
                  .doesNotContain("rivulet-secret", "rivulet-key", "Signature=", "AWS4");
            });
    assertThat(server.requests()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"400", "403", "404", "412", "416", "501"})
  void whatWillNotPassIsNotTriedAgain(int status) {
    server.answer(status, "");
    assertThatThrownBy(() -> await(get(new ByteArrayOutputStream(), 5)))
        .isInstanceOf(StoreException.class);
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aHostileErrorDocumentGetsNoWordIntoTheMessage() {
    server.answer(
        400, "<Error><Code>Do this:\nrm -rf</Code><Region>x/../evil.com</Region></Error>");
    assertThatThrownBy(() -> await(list()))
        .hasMessageNotContaining("rm -rf")
        .hasMessageNotContaining("evil");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aBucketInAnotherRegionIsFollowedOnceAndRemembered() throws Exception {
    server.error(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-3");
    server.answer(200, EMPTY_LIST);
    server.answer(200, EMPTY_LIST);
    await(list());
    await(list());
    assertThat(signedRegions()).containsExactly("us-east-1", "eu-west-3", "eu-west-3");
  }

  @Test
  void aSignatureForTheWrongRegionIsMadeAgainForTheRightOne() throws Exception {
    server.answer(
        400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>ap-south-1</Region></Error>");
    server.answer(200, EMPTY_LIST);
    await(list());
    assertThat(signedRegions()).containsExactly("us-east-1", "ap-south-1");
  }

  @Test
  void regionsThatPointAtEachOtherEndAfterOneStep() {
    server.error(301, "PermanentRedirect").header("x-amz-bucket-region", "eu-west-3");
    server.error(301, "PermanentRedirect").header("x-amz-bucket-region", "us-east-1");
    assertFails(list(), Kind.OTHER);
    assertThat(server.requests()).hasSize(2);
  }

  private List<String> signedRegions() {
    return server.requests().stream()
        .map(r -> r.headers().get("Authorization"))
        .map(a -> a.substring(a.indexOf("Credential=")).split("/", -1)[2])
        .toList();
  }

  @Test
  void theRegionComesFromTheUrlThenTheEnvironment() throws Exception {
    server.answer(200, EMPTY_LIST);
    server.answer(200, EMPTY_LIST);
    Environment environment =
        TestS3.environment(
            "AWS_ACCESS_KEY_ID", "a", "AWS_SECRET_ACCESS_KEY", "b", "AWS_REGION", "eu-north-1");
    String url = "s3://b/p?endpoint=" + server.endpoint();
    try (S3Store one = new S3Store(TestS3.location(url), environment, LIMITS);
        S3Store two =
            new S3Store(TestS3.location(url + "&region=sa-east-1"), environment, LIMITS)) {
      await(one.list("", "", 1));
      await(two.list("", "", 1));
    }
    assertThat(signedRegions()).containsExactly("eu-north-1", "sa-east-1");
  }

  @Test
  void aBodyThatIsCutIsContinuedOnTheVersionSeen() throws Exception {
    server
        .answer(206, "0123")
        .contentLength(10)
        .header("Content-Range", "bytes 0-9/10")
        .header("ETag", "\"v1\"");
    server.answer(206, "456789").header("Content-Range", "bytes 4-9/10").header("ETag", "\"v1\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(await(get(out, 10))).isEqualTo(new ObjectVersion("v1", 10));
    assertThat(out.toString(java.nio.charset.StandardCharsets.UTF_8)).isEqualTo("0123456789");
    Map<String, String> second = server.requests().get(1).headers();
    assertThat(second).containsEntry("Range", "bytes=4-9").containsEntry("If-Match", "\"v1\"");
  }

  @Test
  void aVersionThatWasNotAskedForIsRefusedEvenIfTheServerKnowsNoIfMatch() {
    server.answer(206, "01234").header("Content-Range", "bytes 0-4/9").header("ETag", "\"new\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertFails(
        store.get(new GetRequest("k", new ByteRange(0, 5), "old"), out::write), Kind.CONFLICT);
    assertThat(out.size()).isZero();
  }

  private CompletableFuture<ObjectVersion> getListed(String etag, ByteArrayOutputStream out) {
    return store.get(new GetRequest("k", new ByteRange(0, 5), etag), out::write);
  }

  private ScriptedServer.Answer fiveBytes(String etag) {
    return server.answer(206, "01234").header("Content-Range", "bytes 0-4/9").header("ETag", etag);
  }

  private List<Boolean> conditions() {
    return server.requests().stream().map(r -> r.headers().containsKey("If-Match")).toList();
  }

  /** If-Match compares strongly: what has a weak ETag would be refused for ever. */
  @ParameterizedTest
  @ValueSource(strings = {"W/\"e\"", "\"e\""})
  void aWeakEtagIsNoConditionButIsComparedWithTheAnswers(String answered) throws Exception {
    server.answer(
        200,
        page("<Contents><Key>p/k</Key><ETag>W/&quot;e&quot;</ETag><Size>9</Size></Contents>", ""));
    String listed = await(list()).objects().getFirst().etag();
    fiveBytes(answered);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(await(getListed(listed, out))).isEqualTo(new ObjectVersion(listed, 9));
    assertThat(out.size()).isEqualTo(5);
    fiveBytes(answered.replace("e", "new"));
    assertFails(getListed(listed, new ByteArrayOutputStream(0)), Kind.CONFLICT);
    assertThat(conditions()).containsExactly(false, false, false);
  }

  @Test
  void anAnswersWeakEtagIsThatOfTheListing() throws Exception {
    fiveBytes("W/\"e\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(await(getListed("e", out))).isEqualTo(new ObjectVersion("e", 9));
    assertThat(out.size()).isEqualTo(5);
    fiveBytes("W/\"new\"");
    assertFails(getListed("e", out), Kind.CONFLICT);
    assertThat(out.size()).isEqualTo(5);
    assertThat(conditions()).containsExactly(true, true);
  }

  @Test
  void aRefusalThatNamesTheWantedEtagIsOfAWeakOneAndWithoutTheConditionItIsRead() throws Exception {
    server.error(412, "PreconditionFailed").header("ETag", "W/\"e\"");
    fiveBytes("W/\"e\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(await(getListed("e", out))).isEqualTo(new ObjectVersion("e", 9));
    assertThat(out.size()).isEqualTo(5);
    server.error(412, "PreconditionFailed").header("ETag", "W/\"e\"");
    fiveBytes("W/\"new\"");
    assertFails(getListed("e", out), Kind.CONFLICT);
    server.error(412, "PreconditionFailed").header("ETag", "W/\"e\"");
    server.error(412, "PreconditionFailed").header("ETag", "W/\"e\"");
    assertFails(getListed("e", out), Kind.CONFLICT);
    assertThat(out.size()).isEqualTo(5);
    assertThat(conditions()).containsExactly(true, false, true, false, true, false);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"new\"", "W/\"new\""})
  void aRefusalThatDoesNotNameTheWantedEtagIsAConflictAtOnce(String answered) {
    server.error(412, "PreconditionFailed").header("ETag", answered);
    assertFails(getListed("e", new ByteArrayOutputStream()), Kind.CONFLICT);
    assertThat(conditions()).containsExactly(true);
  }

  @Test
  void aBodyThatIsCutIsContinuedUnderAWeakEtagToo() throws Exception {
    fiveBytes("W/\"e\"").contentLength(6).header("Content-Range", "bytes 0-5/6");
    server.answer(206, "5").header("Content-Range", "bytes 5-5/6").header("ETag", "W/\"e\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(get(out, 6));
    assertThat(out.toString(java.nio.charset.StandardCharsets.UTF_8)).isEqualTo("012345");
    fiveBytes("W/\"e\"").contentLength(6).header("Content-Range", "bytes 0-5/6");
    server.answer(206, "5").header("Content-Range", "bytes 5-5/6").header("ETag", "W/\"new\"");
    assertFails(get(new ByteArrayOutputStream(), 6), Kind.CONFLICT);
    assertThat(conditions()).containsExactly(false, false, false, false);
  }

  @Test
  void aWriteOnTheConditionOfAWeakEtagIsRefusedAndNotSent() {
    Condition weak = new Condition.IfMatch("W/\"e\"");
    assertThatThrownBy(
            () -> await(store.put(new PutRequest("k", Content.of(utf8("x")), weak, Map.of()))))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.OTHER))
        .hasMessageContaining("k was not replaced")
        .hasMessageContaining("weak ETag");
    assertThat(server.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"bytes 1-5/9", "bytes 0-9/10", "bytes */9", "nonsense", "bytes -1-4/9"})
  void otherBytesThanAskedForAreRefused(String contentRange) {
    server.answer(206, "01234").header("Content-Range", contentRange).header("ETag", "\"v\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertFails(get(out, 5), Kind.OTHER);
    assertThat(out.size()).isZero();
  }

  @Test
  void aWholeObjectIsTakenForARangeOnlyIfItIsTheRange() throws Exception {
    server.answer(200, "01234").header("ETag", "\"v\"");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(await(get(out, 5))).isEqualTo(new ObjectVersion("v", 5));
    server.answer(200, "0123456789").header("ETag", "\"v\"");
    assertFails(get(new ByteArrayOutputStream(), 5), Kind.OTHER);
  }

  @Test
  void aListingThatIsNoXmlIsTriedAgain() throws Exception {
    server.answer(200, "<html>please log in<br></html>");
    server.answer(200, "<ListBucketResult><Contents>");
    server.answer(200, EMPTY_LIST);
    assertThat(await(list()).objects()).isEmpty();
  }

  private static String page(String contents, String token) {
    return "<ListBucketResult>"
        + contents
        + (token.isEmpty()
            ? "<IsTruncated>false</IsTruncated>"
            : "<IsTruncated>true</IsTruncated><NextContinuationToken>"
                + token
                + "</NextContinuationToken>")
        + "</ListBucketResult>";
  }

  /** As a bucket with versions and very many deleted objects may answer. */
  @Test
  void aPageOfNothingIsGoneOnFromByItsToken() throws Exception {
    server.answer(200, page("", "one+two"));
    server.answer(200, page("", "three"));
    server.answer(200, page("<Contents><Key>p/k</Key><Size>1</Size></Contents>", ""));
    assertThat(await(list()).objects()).extracting("key").containsExactly("k");
    assertThat(server.requests())
        .extracting(r -> r.target().contains("continuation-token="))
        .containsExactly(false, true, true);
    assertThat(server.requests().get(1).target()).contains("continuation-token=one%2Btwo&");
  }

  @Test
  void tokensThatLeadBackToThemselvesAreAnError() {
    server.answer(200, page("", "t"));
    server.answer(200, page("", "t"));
    assertFails(list(), Kind.OTHER);
    assertThat(server.requests()).hasSize(2);
  }

  @Test
  void aStoreThatBeginsAgainFromTheFrontIsFollowedByItsTokens() throws Exception {
    server.answer(200, page("<Contents><Key>p/a</Key><Size>1</Size></Contents>", "t"));
    server.answer(200, page("<Contents><Key>p/b</Key><Size>1</Size></Contents>", ""));
    assertThat(await(store.list("", "a", 1)).objects()).extracting("key").containsExactly("b");
  }

  @Test
  void anAnswerWithoutAnEtagIsNotTakenForTheObjectThatWasListed() {
    server.answer(206, "01234").header("Content-Range", "bytes 0-4/5");
    assertThatThrownBy(
            () -> await(store.get(new GetRequest("k", new ByteRange(0, 5), "e"), (b, o, l) -> {})))
        .hasMessageContaining("no ETag");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aCompressedListingIsAnErrorThatSaysSo() {
    server.answer(200, EMPTY_LIST).header("Content-Encoding", "gzip");
    assertThatThrownBy(() -> await(list())).hasMessageContaining("compressed");
    assertThat(server.requests()).hasSize(1);
  }

  @Test
  void aRefusalThatIsNotS3sLetsOneThinkOfHttps() {
    server.answer(400, "<html>The plain HTTP request was sent to HTTPS port</html>");
    assertThatThrownBy(() -> await(list())).hasMessageContaining("does the endpoint want https?");
  }

  @Test
  void anAnswerThatOnlyTheConnectionsEndEndsIsAnErrorThatSaysSo() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            try (Socket s = socket.accept()) {
              s.getInputStream().read(new byte[4096]);
              s.getOutputStream()
                  .write(utf8("HTTP/1.0 200 OK\r\nServer: old\r\n\r\n" + EMPTY_LIST));
            } catch (IOException e) {
              // The test sees that there was no answer.
            }
          });
      String url = "s3://b/p?endpoint=http://127.0.0.1:" + socket.getLocalPort();
      try (S3Store one = new S3Store(TestS3.location(url), TestS3.credentials(), LIMITS)) {
        assertThatThrownBy(() -> await(one.list("", "", 1)))
            .hasMessageContaining("did not tell its length");
      }
    }
  }

  private CompletableFuture<ObjectVersion> create() {
    return store.put(
        new PutRequest("k", Content.of(utf8("mine")), new Condition.IfAbsent(), Map.of()));
  }

  private void listOfOne(int size) {
    server.answer(
        200,
        "<ListBucketResult><Contents><Key>p/k</Key><ETag>\"e\"</ETag><Size>"
            + size
            + "</Size></Contents></ListBucketResult>");
  }

  @Test
  void aConditionalWriteWhoseAnswerWasLostIsRecognised() throws Exception {
    server.answer(502, "");
    server.error(412, "PreconditionFailed");
    listOfOne(4);
    server.answer(206, "mine").header("Content-Range", "bytes 0-3/4").header("ETag", "\"e\"");
    assertThat(await(create())).isEqualTo(new ObjectVersion("e", 4));
  }

  @Test
  void aConditionalWriteThatSomeoneElseWonStaysAConflict() {
    server.answer(502, "");
    server.error(412, "PreconditionFailed");
    listOfOne(4);
    server.answer(206, "hers").header("Content-Range", "bytes 0-3/4").header("ETag", "\"e\"");
    assertFails(create(), Kind.CONFLICT);
    server.answer(502, "");
    server.error(412, "PreconditionFailed");
    listOfOne(5);
    assertFails(create(), Kind.CONFLICT);
    server.error(412, "PreconditionFailed");
    int before = server.requests().size();
    assertFails(create(), Kind.CONFLICT);
    assertThat(server.requests()).hasSize(before + 1);
  }

  @Test
  void writesCarryWhatTheUrlAndTheCallerWant() throws Exception {
    server.answer(200, "").header("ETag", "\"e\"");
    try (S3Store other =
        TestS3.open(
            "s3://b/p?storageClass=STANDARD_IA&sse-kms-key-id=key1&sign-payload=no&endpoint="
                + server.endpoint())) {
      await(
          other.put(
              new PutRequest(
                  "k",
                  Content.of(utf8("x")),
                  new Condition.IfMatch("old"),
                  Map.of("litestream-timestamp", "2024-01-15T10:30:00Z"))));
    }
    assertThat(server.requests().get(0).headers())
        .containsEntry("x-amz-storage-class", "STANDARD_IA")
        .containsEntry("x-amz-server-side-encryption", "aws:kms")
        .containsEntry("x-amz-server-side-encryption-aws-kms-key-id", "key1")
        .containsEntry("x-amz-content-sha256", "UNSIGNED-PAYLOAD")
        .containsEntry("If-Match", "\"old\"")
        .containsEntry("Content-Length", "1")
        .containsEntry("x-amz-meta-litestream-timestamp", "2024-01-15T10:30:00Z");
  }

  @Test
  void aBatchDeleteTellsWhichKeyWasNotDeleted() {
    server.answer(
        200, "<DeleteResult><Error><Key>p/b</Key><Code>AccessDenied</Code></Error></DeleteResult>");
    assertThatThrownBy(() -> await(store.delete(List.of("a", "b"))))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.FORBIDDEN))
        .hasMessageContaining("p/b");
    assertThat(server.requests().get(0).headers()).containsKey("Content-MD5");
  }

  /** s3proxy takes no such keys, so only what is sent is looked at. */
  @Test
  void litestreamsPathlessUrlsLeadToItsOddKeys() throws Exception {
    server.answer(206, "x").header("Content-Range", "bytes 0-0/1").header("ETag", "\"e\"");
    server.answer(206, "x").header("Content-Range", "bytes 0-0/1").header("ETag", "\"e\"");
    for (String url : List.of("s3://b/", "s3://b")) {
      try (S3Store other = TestS3.open(url + "?endpoint=" + server.endpoint())) {
        await(other.get(new GetRequest("0000/f", new ByteRange(0, 1)), (b, o, l) -> {}));
      }
    }
    assertThat(server.requests())
        .extracting(ScriptedServer.Request::target)
        .containsExactly("/b//0000/f", "/b/./0000/f");
  }

  @Test
  void credentialsComeFromLitestreamsVariablesToo() throws Exception {
    server.answer(200, EMPTY_LIST);
    server.answer(200, EMPTY_LIST);
    server.answer(200, EMPTY_LIST);
    Environment litestream =
        TestS3.environment(
            "LITESTREAM_ACCESS_KEY_ID",
            "LS",
            "LITESTREAM_SECRET_ACCESS_KEY",
            "secret",
            "AWS_SESSION_TOKEN",
            "unrelated");
    Environment both =
        TestS3.environment(
            "LITESTREAM_ACCESS_KEY_ID",
            "LS",
            "LITESTREAM_SECRET_ACCESS_KEY",
            "secret",
            "AWS_ACCESS_KEY_ID",
            "AWS",
            "AWS_SECRET_ACCESS_KEY",
            "secret",
            "AWS_SESSION_TOKEN",
            "token");
    S3Location location = TestS3.location("s3://b/p?endpoint=" + server.endpoint());
    try (S3Store one = new S3Store(location, litestream, LIMITS);
        S3Store two = new S3Store(location, both, LIMITS);
        S3Store three =
            new S3Store(
                TestS3.location("s3://b/p?anonymous=true&endpoint=" + server.endpoint()),
                both,
                LIMITS)) {
      await(one.list("", "", 1));
      await(two.list("", "", 1));
      await(three.list("", "", 1));
    }
    assertThat(server.requests().get(0).headers().get("Authorization")).contains("Credential=LS/");
    assertThat(server.requests().get(0).headers()).doesNotContainKey("x-amz-security-token");
    assertThat(server.requests().get(1).headers().get("Authorization")).contains("Credential=AWS/");
    assertThat(server.requests().get(1).headers()).containsEntry("x-amz-security-token", "token");
    assertThat(server.requests().get(2).headers()).doesNotContainKey("Authorization");
  }
}
