package dev.rivulet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.PutRequest.Condition;
import dev.rivulet.store.PutRequest.Content;
import dev.rivulet.store.StoreException.Kind;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What {@link ObjectStore} promises, run on every implementation. */
abstract class ObjectStoreContract {
  static final long SECONDS = 30;

  ObjectStore store;

  /** An empty store. */
  abstract ObjectStore open() throws Exception;

  /** Two keys that UTF-8 and UTF-16 order differently. */
  List<String> beyondTheBasicPlane() {
    return List.of("\uFFFD", "😀");
  }

  @BeforeEach
  final void openStore() throws Exception {
    store = open();
  }

  @AfterEach
  final void closeStore() {
    store.close();
  }

  static <T> T await(CompletableFuture<T> future) throws StoreException {
    try {
      return future.get(SECONDS, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw StoreException.from(e);
    }
  }

  static void assertFails(CompletableFuture<?> future, Kind kind) {
    assertThatThrownBy(() -> await(future))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).as(e.toString()).isEqualTo(kind));
  }

  static byte[] bytes(int count, long seed) {
    byte[] bytes = new byte[count];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  ObjectVersion put(String key, byte[] bytes) throws StoreException {
    return put(key, bytes, new Condition.Always());
  }

  ObjectVersion put(String key, byte[] bytes, Condition condition) throws StoreException {
    return await(store.put(new PutRequest(key, Content.of(bytes), condition, Map.of())));
  }

  byte[] get(String key, long offset, long length) throws StoreException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(store.get(new GetRequest(key, new ByteRange(offset, length)), out::write));
    return out.toByteArray();
  }

  List<String> keys(String prefix, String startAfter, int limit) throws StoreException {
    return await(store.list(prefix, startAfter, limit)).objects().stream()
        .map(ObjectEntry::key)
        .toList();
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Test
  void anEmptyStoreListsNothing() throws Exception {
    ListPage page = await(store.list("", "", 1000));
    assertThat(page.objects()).isEmpty();
    assertThat(page.truncated()).isFalse();
  }

  @Test
  void whatWasPutIsReadBackWholeAndInRanges() throws Exception {
    byte[] bytes = bytes(300_000, 1);
    ObjectVersion version = put("0000/a.ltx", bytes);
    assertThat(version.size()).isEqualTo(bytes.length);
    assertThat(get("0000/a.ltx", 0, bytes.length)).isEqualTo(bytes);
    assertThat(get("0000/a.ltx", 0, 1)).isEqualTo(new byte[] {bytes[0]});
    assertThat(get("0000/a.ltx", 299_999, 1)).isEqualTo(new byte[] {bytes[299_999]});
    assertThat(get("0000/a.ltx", 1000, 100_000))
        .isEqualTo(java.util.Arrays.copyOfRange(bytes, 1000, 101_000));
  }

  @Test
  void aReadTellsTheVersionThatTheWriteAndTheListingTell() throws Exception {
    ObjectVersion written = put("k", bytes(1000, 2));
    ObjectVersion read =
        await(store.get(new GetRequest("k", new ByteRange(10, 20)), (b, o, l) -> {}));
    ObjectEntry listed = await(store.list("", "", 10)).objects().get(0);
    assertThat(read).isEqualTo(written);
    assertThat(listed.etag()).isEqualTo(written.etag()).isNotEmpty().doesNotContain("\"");
    assertThat(listed.size()).isEqualTo(1000);
    assertThat(listed.modifiedMillis())
        .isBetween(System.currentTimeMillis() - 60_000, System.currentTimeMillis() + 60_000);
  }

  @Test
  void anotherContentHasAnotherEtag() throws Exception {
    ObjectVersion first = put("k", utf8("one"));
    ObjectVersion second = put("k", utf8("two"));
    assertThat(second.etag()).isNotEqualTo(first.etag());
    assertThat(get("k", 0, 3)).isEqualTo(utf8("two"));
  }

  @Test
  void aReadOfAnotherVersionThanAskedForIsAConflict() throws Exception {
    ObjectVersion first = put("k", utf8("one"));
    assertThat(
            await(
                store.get(new GetRequest("k", new ByteRange(0, 3), first.etag()), (b, o, l) -> {})))
        .isEqualTo(first);
    put("k", utf8("two"));
    assertFails(
        store.get(new GetRequest("k", new ByteRange(0, 3), first.etag()), this::unwanted),
        Kind.CONFLICT);
  }

  private void unwanted(byte[] bytes, int offset, int length) {
    throw new AssertionError("the sink was given bytes of a read that must fail");
  }

  @Test
  void aMissingObjectIsNotFound() {
    assertFails(
        store.get(new GetRequest("0000/no", new ByteRange(0, 1)), this::unwanted), Kind.NOT_FOUND);
    assertFails(
        store.get(new GetRequest("0000/no", new ByteRange(0, 1), "abc"), this::unwanted),
        Kind.NOT_FOUND);
  }

  @Test
  void aRangeBeyondTheEndIsRefusedAndNotClamped() throws Exception {
    put("k", utf8("12345"));
    assertFails(store.get(new GetRequest("k", new ByteRange(0, 6)), this::unwanted), Kind.OTHER);
    assertFails(store.get(new GetRequest("k", new ByteRange(4, 2)), this::unwanted), Kind.OTHER);
    assertFails(store.get(new GetRequest("k", new ByteRange(5, 1)), this::unwanted), Kind.OTHER);
    assertFails(store.get(new GetRequest("k", new ByteRange(100, 10)), this::unwanted), Kind.OTHER);
    put("empty", new byte[0]);
    assertFails(
        store.get(new GetRequest("empty", new ByteRange(0, 1)), this::unwanted), Kind.OTHER);
  }

  @Test
  void aSinkThatThrowsEndsTheReadWithItsException() throws Exception {
    put("k", bytes(1 << 20, 3));
    RuntimeException thrown = new IllegalStateException("no more");
    assertThatThrownBy(() ->
            await(
                store.get(
                    new GetRequest("k", new ByteRange(0, 1 << 20)),
                    (b, o, l) -> {
                      throw thrown;
                    })))
        .isInstanceOfSatisfying(
            StoreException.class,
            e -> {
              assertThat(e.kind()).isEqualTo(Kind.OTHER);
              assertThat(e).hasCause(thrown);
            });
    assertThat(get("k", 5, 1)).hasSize(1);
  }

  @Test
  void listingsAreInTheOrderOfUtf8BytesAndHonourPrefixStartAndLimit() throws Exception {
    List<String> all =
        new ArrayList<>(
            List.of(
                "0000/1", "0000/2", "0001/1", "0001-x", "0001.y", "a b+c&d", "a%20", "z", "zé"));
    all.addAll(beyondTheBasicPlane());
    for (String key : all) {
      put(key, utf8("x"));
    }
    List<String> sorted = new ArrayList<>(all);
    sorted.sort((a, b) -> java.util.Arrays.compareUnsigned(utf8(a), utf8(b)));
    assertThat(keys("", "", 1000)).isEqualTo(sorted);
    assertThat(keys("000", "", 1000))
        .containsExactly("0000/1", "0000/2", "0001-x", "0001.y", "0001/1");
    assertThat(keys("0000/", "", 1000)).containsExactly("0000/1", "0000/2");
    assertThat(keys("0000/", "0000/1", 1000)).containsExactly("0000/2");
    assertThat(keys("0000/", "0000/2", 1000)).isEmpty();
    assertThat(keys("0001", "0000/15", 1000)).containsExactly("0001-x", "0001.y", "0001/1");
    assertThat(keys("000", "0001.y", 1000)).containsExactly("0001/1");
    assertThat(keys("000", "0000/1zzz", 1)).containsExactly("0000/2");
    assertThat(keys("q", "", 1000)).isEmpty();
    for (int limit = 1; limit <= sorted.size() + 1; limit++) {
      List<String> paged = new ArrayList<>();
      ListPage page;
      do {
        page = await(store.list("", paged.isEmpty() ? "" : paged.get(paged.size() - 1), limit));
        assertThat(page.objects()).hasSizeLessThanOrEqualTo(limit);
        page.objects().forEach(entry -> paged.add(entry.key()));
      } while (page.truncated());
      assertThat(paged).isEqualTo(sorted);
    }
  }

  @Test
  void aListingIsOnePageOfAtMostAThousand() throws Exception {
    List<CompletableFuture<ObjectVersion>> puts = new ArrayList<>();
    for (int i = 0; i < 1005; i++) {
      puts.add(
          store.put(
              new PutRequest(
                  "0000/" + (10_000 + i),
                  Content.of(utf8("x")),
                  new Condition.Always(),
                  Map.of())));
    }
    for (CompletableFuture<ObjectVersion> put : puts) {
      await(put);
    }
    ListPage first = await(store.list("0000/", "", 1000));
    assertThat(first.objects()).hasSize(1000);
    assertThat(first.truncated()).isTrue();
    ListPage second = await(store.list("0000/", first.objects().get(999).key(), 1000));
    assertThat(second.objects()).hasSize(5);
    assertThat(second.truncated()).isFalse();
    assertFails(store.list("", "", 0), Kind.OTHER);
    assertFails(store.list("", "", 1001), Kind.OTHER);
    await(store.delete(keys("", "", 1000)));
    assertThat(keys("", "", 1000)).hasSize(5);
  }

  @Test
  void onlyOneOfManyConditionalCreatesWins() throws Exception {
    List<CompletableFuture<ObjectVersion>> puts = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      puts.add(
          store.put(
              new PutRequest("k", Content.of(utf8("v" + i)), new Condition.IfAbsent(), Map.of())));
    }
    List<Integer> winners = new ArrayList<>();
    for (int i = 0; i < puts.size(); i++) {
      try {
        await(puts.get(i));
        winners.add(i);
      } catch (StoreException e) {
        assertThat(e.kind()).as(e.getMessage()).isIn(Kind.CONFLICT, Kind.TEMPORARY);
      }
    }
    assertThat(winners).hasSize(1);
    assertThat(get("k", 0, 2)).isEqualTo(utf8("v" + winners.get(0)));
  }

  @Test
  void aConditionalReplacementNeedsTheVersionThatIsThere() throws Exception {
    ObjectVersion first = put("k", utf8("one"));
    ObjectVersion second = put("k", utf8("two"), new Condition.IfMatch(first.etag()));
    assertFails(
        store.put(
            new PutRequest(
                "k", Content.of(utf8("bad")), new Condition.IfMatch(first.etag()), Map.of())),
        Kind.CONFLICT);
    assertFails(
        store.put(
            new PutRequest(
                "gone", Content.of(utf8("bad")), new Condition.IfMatch(first.etag()), Map.of())),
        Kind.CONFLICT);
    assertThat(get("k", 0, 3)).isEqualTo(utf8("two"));
    assertThat(second.etag()).isNotEqualTo(first.etag());
    assertThat(keys("", "", 10)).containsExactly("k");
  }

  @Test
  void contentIsStreamedAndItsLengthMustBeRight() throws Exception {
    byte[] bytes = bytes(3 << 20, 4);
    put("big", bytes);
    assertThat(get("big", 0, bytes.length)).isEqualTo(bytes);
    Content tooShort =
        new Content() {
          @Override
          public long length() {
            return 10;
          }

          @Override
          public InputStream open() {
            return new ByteArrayInputStream(new byte[5]);
          }
        };
    assertThatThrownBy(() ->
            await(store.put(new PutRequest("short", tooShort, new Condition.Always(), Map.of()))))
        .isInstanceOf(StoreException.class);
    assertThat(keys("", "", 10)).containsExactly("big");
  }

  @Test
  void deletingWhatIsNotThereIsNoError() throws Exception {
    put("a", utf8("1"));
    put("b/c", utf8("2"));
    put("d", utf8("3"));
    await(store.delete(List.of("a", "no", "b/c", "b/no/no")));
    assertThat(keys("", "", 10)).containsExactly("d");
    await(store.delete(List.of("no")));
    await(store.delete(List.of()));
    await(store.delete(List.of("d")));
    assertThat(keys("", "", 10)).isEmpty();
  }

  @Test
  void keysThatLeadElsewhereAreRefused() {
    for (String key :
        List.of(
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            "..",
            "../a",
            "a/../b",
            "./a",
            "a/.",
            "a\nb",
            "a\u0000b",
            "\uD800")) {
      assertFails(store.get(new GetRequest(key, new ByteRange(0, 1)), this::unwanted), Kind.OTHER);
      assertFails(
          store.put(new PutRequest(key, Content.of(utf8("x")), new Condition.Always(), Map.of())),
          Kind.OTHER);
      assertFails(store.delete(List.of(key)), Kind.OTHER);
    }
  }

  @Test
  void manyReadsAtOnceEachGetTheirOwnBytes() throws Exception {
    byte[] bytes = bytes(1 << 20, 5);
    put("k", bytes);
    List<ByteArrayOutputStream> sinks = new ArrayList<>();
    List<CompletableFuture<ObjectVersion>> reads = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ByteArrayOutputStream sink = new ByteArrayOutputStream();
      sinks.add(sink);
      reads.add(store.get(new GetRequest("k", new ByteRange(i * 10_000L, 10_000)), sink::write));
    }
    for (int i = 0; i < 100; i++) {
      await(reads.get(i));
      assertThat(sinks.get(i).toByteArray())
          .isEqualTo(java.util.Arrays.copyOfRange(bytes, i * 10_000, i * 10_000 + 10_000));
    }
  }

  @Test
  void aClosedStoreFailsEveryRequest() {
    store.close();
    store.close();
    assertFails(store.list("", "", 1), Kind.OTHER);
    assertFails(store.get(new GetRequest("k", new ByteRange(0, 1)), this::unwanted), Kind.OTHER);
    assertFails(
        store.put(new PutRequest("k", Content.of(utf8("x")), new Condition.Always(), Map.of())),
        Kind.OTHER);
    assertFails(store.delete(List.of("k")), Kind.OTHER);
  }
}
