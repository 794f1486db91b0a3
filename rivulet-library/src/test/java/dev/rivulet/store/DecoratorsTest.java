package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.await;
import static dev.rivulet.store.ObjectStoreContract.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.CountingStore.Counts;
import dev.rivulet.store.StoreException.Kind;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class DecoratorsTest {
  /** A store whose requests end when the test says so. */
  private static final class Manual implements ObjectStore {
    final List<CompletableFuture<ListPage>> lists = new ArrayList<>();

    @Override
    public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
      CompletableFuture<ListPage> list = new CompletableFuture<>();
      lists.add(list);
      return list;
    }

    @Override
    public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
      sink.accept(new byte[3], 0, 3);
      return CompletableFuture.failedFuture(new StoreException(Kind.TEMPORARY, "cut"));
    }

    @Override
    public CompletableFuture<ObjectVersion> put(PutRequest request) {
      return CompletableFuture.failedFuture(new StoreException(Kind.FORBIDDEN, "no"));
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
      return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
  }

  /** So that there is time between two tries. */
  private static final RandomGenerator LONGEST =
      new RandomGenerator() {
        @Override
        public long nextLong() {
          return 0;
        }

        @Override
        public long nextLong(long bound) {
          return bound - 1;
        }
      };

  private static final ListPage EMPTY = new ListPage(List.of(), false);

  @Test
  void everyRequestAndByteIsCountedOnce() throws Exception {
    CountingStore store = new CountingStore(new MemoryStore());
    await(
        store.put(
            new PutRequest(
                "k",
                PutRequest.Content.of(utf8("12345")),
                new PutRequest.Condition.Always(),
                Map.of())));
    await(store.get(new GetRequest("k", new ByteRange(1, 3)), (b, o, l) -> {}));
    await(store.list("", "", 1));
    await(store.delete(List.of("k", "x")));
    assertThatThrownBy(
            () -> await(store.get(new GetRequest("k", new ByteRange(1, 3)), (b, o, l) -> {})))
        .isInstanceOf(StoreException.class);
    Counts counts = store.counts();
    assertThat(counts).isEqualTo(new Counts(1, 2, 1, 1, 1, 3, 5, 5));
    await(store.list("", "", 1));
    assertThat(store.counts().since(counts)).isEqualTo(new Counts(1, 0, 0, 0, 0, 0, 0, 1));
  }

  @Test
  void requestsSideBySideAreOneRoundTripInSequence() {
    Manual manual = new Manual();
    CountingStore store = new CountingStore(manual);
    var first = store.list("", "", 1);
    var second = store.list("", "", 1);
    manual.lists.get(0).complete(EMPTY);
    assertThat(store.counts().sequence()).isEqualTo(1);
    // Begun after the first ended, but while the second was still under way.
    var third = store.list("", "", 1);
    manual.lists.get(1).complete(EMPTY);
    assertThat(store.counts().sequence()).isEqualTo(1);
    manual.lists.get(2).complete(EMPTY);
    assertThat(store.counts().sequence()).isEqualTo(2);
    assertThat(List.of(first.join(), second.join(), third.join())).hasSize(3);
    assertThat(store.counts().lists()).isEqualTo(3);
  }

  @Test
  void aCancelledRequestCountsAsFailedAndIsEnded() {
    Manual manual = new Manual();
    CountingStore store = new CountingStore(manual);
    store.list("", "", 1).cancel(true);
    assertThat(manual.lists.get(0)).isCancelled();
    assertThat(store.counts().failures()).isEqualTo(1);
  }

  @Test
  void cancellingBetweenTwoTriesStopsThem() throws Exception {
    Manual manual = new Manual();
    StoreLimits limits = new StoreLimits(1000, 1000, 1000, 1000, 10_000, 100, 1);
    CompletableFuture<ListPage> list = new RetryingStore(manual, limits, LONGEST).list("", "", 1);
    manual.lists.get(0).completeExceptionally(new StoreException(Kind.TEMPORARY, "later"));
    list.cancel(true);
    Thread.sleep(Backoff.FIRST_MILLIS + 50);
    assertThat(manual.lists).hasSize(1);
  }

  @Test
  void whatWillNotPassIsNeverTriedAgain() {
    for (Kind kind : List.of(Kind.NOT_FOUND, Kind.FORBIDDEN, Kind.CONFLICT, Kind.OTHER)) {
      Manual manual = new Manual();
      CompletableFuture<ListPage> list =
          new RetryingStore(manual, StoreLimits.defaults()).list("", "", 1);
      manual.lists.get(0).completeExceptionally(new StoreException(kind, "no"));
      assertThat(list).isCompletedExceptionally();
      assertThat(manual.lists).hasSize(1);
    }
  }

  @Test
  void aReadThatIsCutWithoutAKnownVersionIsNotContinued() {
    CountingStore counted = new CountingStore(new Manual());
    int[] received = new int[1];
    assertThatThrownBy(() ->
            await(
                new RetryingStore(counted, StoreLimits.defaults())
                    .get(new GetRequest("k", new ByteRange(0, 10)), (b, o, l) -> received[0] += l)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("no ETag");
    assertThat(received[0]).isEqualTo(3);
    assertThat(counted.counts().gets()).isEqualTo(1);
  }

  /** Reads 20 times so much, from a store that cuts each answer after so much. */
  private static CountingStore readInCuts(int each) throws Exception {
    MemoryStore memory = new MemoryStore();
    byte[] content = ObjectStoreContract.bytes(20 * each, 3);
    await(
        memory.put(
            new PutRequest(
                "k", PutRequest.Content.of(content), new PutRequest.Condition.Always(), Map.of())));
    CountingStore counted = new CountingStore(new Cutting(memory, each));
    // Three tries, as long as they bring nothing to speak of.
    StoreLimits limits = new StoreLimits(1000, 1000, 1000, 1000, 60_000, 3, 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(
        new RetryingStore(counted, limits)
            .get(new GetRequest("k", new ByteRange(0, content.length)), out::write));
    assertThat(out.toByteArray()).isEqualTo(content);
    return counted;
  }

  /** Cuts each answer. */
  private record Cutting(ObjectStore store, int after) implements ObjectStore {
    @Override
    public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
      ByteRange all = request.range();
      ByteRange some = new ByteRange(all.offset(), Math.min(after, all.length()));
      CompletableFuture<ObjectVersion> read =
          store.get(new GetRequest(request.key(), some, request.ifMatch()), sink);
      return some.equals(all)
          ? read
          : read.thenCompose(
              version -> CompletableFuture.failedFuture(new StoreException(Kind.TEMPORARY, "cut")));
    }

    @Override
    public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
      return store.list(prefix, startAfter, limit);
    }

    @Override
    public CompletableFuture<ObjectVersion> put(PutRequest request) {
      return store.put(request);
    }

    @Override
    public CompletableFuture<Void> delete(List<String> keys) {
      return store.delete(keys);
    }

    @Override
    public void close() {
      store.close();
    }
  }

  @Test
  void aLongAnswerArrivesHoweverOftenItIsCut() throws Exception {
    assertThat(readInCuts(Attempts.WORTH).counts().gets()).isEqualTo(20);
    assertThatThrownBy(() -> readInCuts(Attempts.WORTH - 1))
        .isInstanceOf(StoreException.class)
        .hasMessage("cut");
  }

  @Test
  void waitsGrowAndAreSpreadBelowTheirCeiling() {
    Random random = new Random(1);
    for (int failures = 1; failures < 40; failures++) {
      long ceiling = Math.min(Backoff.MAX_MILLIS, 100L << Math.min(failures - 1, 10));
      long most = 0;
      long least = Long.MAX_VALUE;
      for (int i = 0; i < 200; i++) {
        long wait = Backoff.millis(failures, random);
        assertThat(wait).isBetween(0L, ceiling);
        most = Math.max(most, wait);
        least = Math.min(least, wait);
      }
      assertThat(most).isGreaterThan(ceiling * 3 / 4);
      assertThat(least).isLessThan(ceiling / 4);
    }
  }
}
