package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.Fixtures;
import dev.rivulet.Fixtures.Fixture;
import dev.rivulet.natives.NativeMemory;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The newest state of every replica that Litestream made, byte for byte through a session. */
class GoldenReplicasTest {
  static Stream<Fixture> fixtures() {
    return Fixtures.all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixtures")
  void theNewestStateIsWhatLitestreamRestores(Fixture fixture) throws Exception {
    Settings settings =
        Settings.resolve("file://" + fixture.replica().toAbsolutePath(), Map.of(), name -> null);
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      assertThat(session.size()).isEqualTo(fixture.latest().size());
      assertThat(session.pageSize()).isEqualTo(fixture.pageSize());
      assertThat(Fixtures.digest(new SessionStream(session))).isEqualTo(fixture.latest().sha256());
    }
  }

  /** A session's bytes, page after page as a backup reads them. */
  static final class SessionStream extends InputStream {
    private final Session session;
    private final long address;
    private long at;

    SessionStream(Session session) {
      this.session = session;
      this.address = NativeMemory.allocate(session.pageSize());
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("in blocks only");
    }

    @Override
    public int read(byte[] to, int offset, int length) {
      if (at >= session.size()) {
        return -1;
      }
      int page = session.pageSize();
      int count = (int) Math.min(length, page - at % page);
      try {
        assertThat(session.read(address, count, at)).isTrue();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      NativeMemory.read(address, to, offset, count);
      at += count;
      return count;
    }
  }
}
