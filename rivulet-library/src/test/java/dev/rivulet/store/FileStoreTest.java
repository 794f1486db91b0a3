package dev.rivulet.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends ObjectStoreContract {
  @TempDir Path folder;

  @Override
  ObjectStore open() {
    return new FileStore(folder.resolve("not/there/yet"));
  }

  /** No file system that hangs can be had here, so the step of a read that hangs is its sink's. */
  @Test
  void aReadThatMakesNoProgressEndsByTheDeadlineAndDeliversNothingAfterwards() throws Exception {
    Files.write(folder.resolve("large"), new byte[1 << 20]);
    CountDownLatch systemAnswers = new CountDownLatch(1);
    CountDownLatch readEnded = new CountDownLatch(1);
    AtomicInteger deliveries = new AtomicInteger();
    StoreLimits limits = new StoreLimits(1, 1, 1, 1, 50, 1, 1);
    try (FileStore store = new FileStore(folder, limits)) {
      CompletableFuture<ObjectVersion> read =
          store.get(
              new GetRequest("large", new ByteRange(0, 1 << 20)),
              (bytes, offset, length) -> {
                deliveries.incrementAndGet();
                awaitDeafly(systemAnswers);
                readEnded.countDown();
              });
      assertThatThrownBy(read::get)
          .hasCauseInstanceOf(StoreException.class)
          .hasMessageContaining(folder + " did not answer within 50 ms");
      assertThat(store.list("", "", 10).get().objects()).hasSize(1);
      systemAnswers.countDown();
      readEnded.await();
    }
    assertThat(deliveries).hasValue(1);
  }

  /** As the kernel does in a read of a dead network file system: no interrupt ends it. */
  private static void awaitDeafly(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      try {
        latch.await();
      } catch (InterruptedException e) {
        // Not heard.
      }
    }
  }
}
