package dev.rivulet.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.db.SettingsException;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class FailureTest {
  @BeforeAll
  static void loadLibrary() {
    Vfs.initialize();
  }

  @Test
  void aNetworkErrorIsAnInputOutputErrorAndNeverBusy() {
    assertThat(report(new ConnectException("refused"))).isEqualTo(ResultCode.IOERR_READ);
    assertThat(LastError.message()).isEqualTo("cannot read x: ConnectException: refused");
  }

  @Test
  void messagesOfOurOwnStandAsTheyAre() {
    report(new IOException("the store is silent"));
    assertThat(LastError.message()).isEqualTo("cannot read x: the store is silent");
    report(new SettingsException("cache_size is wrong"));
    assertThat(LastError.message()).isEqualTo("cannot read x: cache_size is wrong");
    report(new UncheckedIOException(new IOException("inside")));
    assertThat(LastError.message()).isEqualTo("cannot read x: inside");
  }

  @Test
  void aForeignMessageIsNamedByItsKind() {
    report(new NoSuchFileException("/a/path"));
    assertThat(LastError.message()).isEqualTo("cannot read x: NoSuchFileException: /a/path");
    report(new IllegalStateException());
    assertThat(LastError.message()).isEqualTo("cannot read x: IllegalStateException");
  }

  @Test
  void runningOutOfMemoryIsNomem() {
    assertThat(report(new OutOfMemoryError("Java heap space"))).isEqualTo(ResultCode.NOMEM);
    assertThat(LastError.message()).contains("-Xmx");
    assertThat(LastError.code()).isEqualTo(ResultCode.NOMEM);
    // As a reader gets it that waited for a request whose thread ran out.
    var told =
        StoreException.from(new CompletionException(new OutOfMemoryError("Java heap space")));
    assertThat(report(told)).isEqualTo(ResultCode.NOMEM);
    assertThat(LastError.message()).contains("-Xmx");
  }

  @Test
  void anInterruptIsAnInterrupt() {
    assertThat(report(new InterruptedIOException())).isEqualTo(ResultCode.INTERRUPT);
  }

  @Test
  void whereNoErrorCouldBeKeptMemoryWasTheReason() {
    LastError.clear();
    assertThat(LastError.code()).isEqualTo(ResultCode.NOMEM);
  }

  private static int report(Throwable thrown) {
    return Failure.report("cannot read x", thrown, 0, ResultCode.IOERR_READ);
  }
}
