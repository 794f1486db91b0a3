package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.assertFails;
import static dev.rivulet.store.ObjectStoreContract.await;
import static dev.rivulet.store.ObjectStoreContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.store.PutRequest.Condition;
import dev.rivulet.store.PutRequest.Content;
import dev.rivulet.store.StoreException.Kind;
import dev.rivulet.testing.FaultProxy;
import dev.rivulet.testing.FaultProxy.Fault;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A real S3 server behind a network that fails. */
class S3FaultsTest {
  /** Short, so that the tests are; long enough for a request on a busy machine. */
  private static final StoreLimits SHORT =
      new StoreLimits(4_000, 2_000, 2_000, 12_000, 10_000, 3, 8);

  private FaultProxy proxy;
  private S3Store direct;
  private CountingStore counted;
  private ObjectStore store;
  private final byte[] content = bytes(400_000, 7);

  @BeforeEach
  void open() throws Exception {
    proxy = new FaultProxy(TestS3.SERVER.port());
    String bucket = TestS3.bucket();
    TestS3.SERVER.admin().put(bucket, "p/k", content);
    open(bucket);
  }

  /** Faults hold for new connections. */
  private void reopen() throws Exception {
    direct.close();
    open(direct.location().bucket());
  }

  private void open(String bucket) throws Exception {
    direct =
        new S3Store(
            TestS3.location("s3://" + bucket + "/p?endpoint=" + proxy.endpoint()),
            TestS3.credentials(),
            SHORT);
    counted = new CountingStore(direct);
    store = new RetryingStore(counted, SHORT);
  }

  @AfterEach
  void close() {
    store.close();
    proxy.close();
  }

  private CompletableFuture<ObjectVersion> read(ObjectStore from, ByteArrayOutputStream out) {
    return from.get(new GetRequest("k", new ByteRange(0, content.length)), out::write);
  }

  @Test
  void afterTwoHundredRequestsToASilentServerAHealthyOneWorksAtOnce() throws Exception {
    StoreLimits impatient = new StoreLimits(4_000, 1_000, 1_000, 20_000, 20_000, 1, 32);
    direct.close();
    direct = new S3Store(direct.location(), TestS3.credentials(), impatient);
    proxy.set(new Fault.Silent());
    int threads = Thread.activeCount();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(read(direct, new ByteArrayOutputStream()));
    }
    for (CompletableFuture<?> one : all) {
      one.orTimeout(60, TimeUnit.SECONDS);
      assertFails(one, Kind.TEMPORARY);
    }
    // The proxy notices a closed connection a little later than the next one is made.
    assertThat(proxy.mostAtOnce()).isLessThanOrEqualTo(2 * impatient.maxConnections());
    assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 4);
    proxy.set(new Fault.None());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(read(new RetryingStore(direct, SHORT), out));
    assertThat(out.toByteArray()).isEqualTo(content);
  }

  @Test
  void requestsOneAfterTheOtherShareOneConnection() throws Exception {
    int before = proxy.accepted();
    for (int i = 0; i < 20; i++) {
      await(read(direct, new ByteArrayOutputStream()));
    }
    assertThat(proxy.accepted() - before).isEqualTo(1);
  }

  @Test
  void aSilentServerIsAnErrorOnceTheFirstByteIsLate() throws Exception {
    proxy.set(new Fault.Silent());
    assertThatThrownBy(() -> await(direct.list("", "", 10)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("did not answer within 2000 ms")
        .hasMessageContaining(proxy.endpoint());
    assertThatThrownBy(() -> await(store.list("", "", 10)))
        .isInstanceOfSatisfying(
            StoreException.class, e -> assertThat(e.kind()).isEqualTo(Kind.TEMPORARY));
    assertThat(counted.counts().lists()).isEqualTo(3);
  }

  @Test
  void anAnswerThatStallsIsAnErrorAndTheNextTryGoesOnWhereItStopped() throws Exception {
    proxy.set(new Fault.StallAfter(100_000));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompletableFuture<ObjectVersion> read = read(store, out);
    Awaitility.await().until(() -> counted.counts().failures() == 1);
    proxy.set(new Fault.None());
    await(read);
    assertThat(out.toByteArray()).isEqualTo(content);
    assertThat(counted.counts().gets()).isBetween(2L, 3L);
    assertThat(counted.counts().bytesRead()).isEqualTo(content.length);
  }

  @Test
  void aCutOrResetAnswerIsContinuedWithoutSendingAByteTwice() throws Exception {
    for (Fault fault : List.of(new Fault.CutAfter(150_000), new Fault.ResetAfter(150_000))) {
      reopen();
      proxy.set(fault);
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      // A reset loses what the kernel had not handed over, so more than three tries may be needed.
      StoreLimits patient = new StoreLimits(4_000, 2_000, 2_000, 12_000, 10_000, 9, 8);
      ObjectVersion version = await(read(new RetryingStore(counted, patient), out));
      assertThat(out.toByteArray()).isEqualTo(content);
      assertThat(version.size()).isEqualTo(content.length);
      assertThat(counted.counts().gets()).isBetween(3L, 9L);
      assertThat(counted.counts().bytesRead()).isEqualTo(content.length);
    }
  }

  @Test
  void aCutAnswerOfAnObjectThatWasReplacedMeanwhileIsAConflictAndNotAMixture() throws Exception {
    proxy.set(new Fault.StallAfter(100_000));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    CompletableFuture<ObjectVersion> read = read(store, out);
    Awaitility.await().until(() -> counted.counts().bytesRead() > 0);
    TestS3.SERVER.admin().put(direct.location().bucket(), "p/k", bytes(400_000, 8));
    proxy.set(new Fault.None());
    assertFails(read, Kind.CONFLICT);
    assertThat(out.toByteArray()).isEqualTo(java.util.Arrays.copyOf(content, out.size()));
  }

  @Test
  void aRefusedConnectionIsTriedAgainAndThenNamesTheEndpoint() throws Exception {
    proxy.set(new Fault.Refuse());
    assertThatThrownBy(() -> await(store.list("", "", 10)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("nothing listens there")
        .hasMessageContaining(proxy.endpoint());
    assertThat(counted.counts().lists()).isEqualTo(3);
    proxy.set(new Fault.None());
    assertThat(await(store.list("", "", 10)).objects()).hasSize(1);
  }

  @Test
  void cancellingFreesTheConnectionAtOnceAndStopsTheTries() throws Exception {
    proxy.set(new Fault.Silent());
    List<CompletableFuture<ObjectVersion>> reads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      reads.add(read(store, new ByteArrayOutputStream()));
    }
    Awaitility.await().until(() -> proxy.openNow() == SHORT.maxConnections());
    // Those that wait first, or they would take the places of the others.
    reads.reversed().forEach(read -> read.cancel(true));
    Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> proxy.openNow() == 0);
    for (CompletableFuture<ObjectVersion> read : reads) {
      assertThatThrownBy(read::join).isInstanceOf(CancellationException.class);
    }
    long begun = counted.counts().gets();
    proxy.set(new Fault.None());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(read(store, out));
    assertThat(out.toByteArray()).isEqualTo(content);
    assertThat(counted.counts().gets()).isEqualTo(begun + 1);
  }

  @Test
  void closingTheStoreFailsWhatIsUnderWay() throws Exception {
    proxy.set(new Fault.Silent());
    List<CompletableFuture<ObjectVersion>> reads = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      reads.add(read(direct, new ByteArrayOutputStream()));
    }
    Awaitility.await().until(() -> proxy.openNow() == SHORT.maxConnections());
    direct.close();
    for (CompletableFuture<ObjectVersion> read : reads) {
      assertFails(read, Kind.OTHER);
    }
    Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> proxy.openNow() == 0);
  }

  @Test
  void aDelayedButMovingAnswerIsWaitedFor() throws Exception {
    proxy.set(new Fault.Delay(100));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(read(direct, out));
    assertThat(out.toByteArray()).isEqualTo(content);
  }

  @Test
  void patienceEndsTheTriesWithTheReasonOfTheLastOne() throws Exception {
    StoreLimits patient = new StoreLimits(1_000, 400, 400, 5_000, 600, 100, 4);
    proxy.set(new Fault.Silent());
    assertThatThrownBy(() -> await(new RetryingStore(direct, patient).list("", "", 1)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("within 600 ms");
  }

  @Test
  void contentThatBreaksOffIsAnErrorAndNotAHang() throws Exception {
    Content broken =
        new Content() {
          @Override
          public long length() {
            return 1 << 20;
          }

          @Override
          public java.io.InputStream open() {
            return new java.io.ByteArrayInputStream(new byte[1000]);
          }
        };
    String bucket = direct.location().bucket();
    for (boolean signed : new boolean[] {true, false}) {
      try (S3Store other = TestS3.open(TestS3.SERVER.url(bucket, "p") + "&signPayload=" + signed)) {
        assertThatThrownBy(() ->
                await(other.put(new PutRequest("b", broken, new Condition.Always(), Map.of()))))
            .isInstanceOf(StoreException.class)
            .hasMessageContaining("shorter than it said");
        assertFails(
            other.get(new GetRequest("b", new ByteRange(0, 1)), (b, o, l) -> {}), Kind.NOT_FOUND);
      }
    }
  }
}
