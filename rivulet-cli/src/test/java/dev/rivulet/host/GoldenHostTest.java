package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.GoldenReplicas;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The golden replicas, which Litestream made, as a host sees them: the bytes of the database, read
 * through SQLite, are those that Litestream restores. They are {@code shared/fixtures} in a folder
 * above this project, or where {@code -Drivulet.fixtures=...} says.
 */
@Tag("host")
class GoldenHostTest {
  /** 1.1 GB: more than an image in memory should have. */
  private static final String HUGE = "lockpage";

  static List<Path> replicas() throws IOException {
    try (Stream<Path> children = Files.list(fixtures())) {
      return children
          .filter(child -> Files.exists(child.resolve("manifest.json")))
          .filter(child -> !child.endsWith(HUGE))
          .sorted()
          .toList();
    }
  }

  /** Digests of a database, without what depends on who presents it, as in the manifests. */
  private static final String DIGEST =
      """
      import hashlib, json, random
      manifest = json.load(open(os.environ['MANIFEST']))
      def digest(c):
          image = bytearray(c.serialize())
          for start, length in ((18, 2), (24, 4), (92, 4)): image[start:start + length] = bytes(length)
          return len(image), hashlib.sha256(image).hexdigest()
      load()
      """;

  private static Host.Result python(Path fixture, String script) throws Exception {
    return Host.python(
        Map.of(
            "LITESTREAM_REPLICA_URL",
            "file://" + fixture.resolve("replica"),
            "MANIFEST",
            fixture.resolve("manifest.json").toString(),
            // Where a clock stepped or retention took something, the log says so.
            "LITESTREAM_LOG_LEVEL",
            "OFF"),
        DIGEST + script);
  }

  @ParameterizedTest
  @MethodSource("replicas")
  void pythonSerializesWhatLitestreamRestores(Path fixture) throws Exception {
    Host.Result result =
        python(
            fixture,
            """
            newest = manifest['latest']
            print(digest(connect()) == (newest['size'], newest['sha256']))
            """);
    assertThat(result).isEqualTo(new Host.Result(0, "True\n", ""));
  }

  @ParameterizedTest
  @MethodSource("replicas")
  void everyMomentIsWhatLitestreamRestoresByPragmaFunctionAndUri(Path fixture) throws Exception {
    Host.Result result =
        python(
            fixture,
            """
            states = [(kind, s) for kind in ('txid', 'time') for s in manifest['by_' + kind]]
            random.Random(7).shuffle(states)
            long = connect()
            wrong = []
            for i, (kind, state) in enumerate(states):
                at = state[kind]
                try:
                    if i % 3 == 0:
                        c = long
                        c.execute("PRAGMA litestream_%s = '%s'" % (kind, at)).fetchall()
                    elif i % 3 == 1:
                        c = long
                        c.execute('SELECT litestream_set_%s(?)' % kind, (at,)).fetchall()
                    else:
                        c = connect('file:my.db?vfs=litestream&%s=%s' % (kind, at))
                    got = digest(c)
                except sqlite3.Error as e:
                    got = None
                if state.get('error') == 'timestamp does not exist': # later than all there is
                    right = got == (manifest['latest']['size'], manifest['latest']['sha256'])
                elif 'error' in state: # which is right here too, unless it is the very state that is asked for
                    right = got is None or kind == 'txid' and c.execute('SELECT litestream_txid()').fetchone()[0] == at
                else:
                    right = got == (state['size'], state['sha256'])
                if not right: wrong.append((kind, at, got, state))
            c = long
            c.execute('PRAGMA litestream_time = LATEST').fetchall()
            newest = manifest['latest']
            print(len(states) > 3, digest(c) == (newest['size'], newest['sha256']), wrong[:3])
            """);
    assertThat(result).isEqualTo(new Host.Result(0, "True True []\n", ""));
  }

  @ParameterizedTest
  @MethodSource("replicas")
  void theLocalFileBecomesWhatLitestreamRestores(Path fixture, @TempDir Path own) throws Exception {
    Path local = own.resolve("local.db");
    Host.Result result =
        python(
            fixture,
            """
            newest = manifest['latest']
            local = '%s'
            c = connect('file:my.db?vfs=litestream&hydration_path=' + local)
            print(c.execute('SELECT litestream_hydration_wait(30)').fetchone()[0])
            print(digest(c) == (newest['size'], newest['sha256']))
            class File:
                def serialize(self): return open(local, 'rb').read()
            print(digest(File()) == (newest['size'], newest['sha256']))
            """
                .formatted(local));
    assertThat(result).isEqualTo(new Host.Result(0, "1\nTrue\nTrue\n", ""));
  }

  private static Path fixtures() {
    return GoldenReplicas.folder().orElseGet(() -> Assumptions.abort(GoldenReplicas.ABSENT));
  }
}
