package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts that call SQLite on stacks that Java cannot run on. */
@Tag("host")
class StackHostTest {
  @TempDir static Path folder;
  private static Map<String, String> environment = Map.of();

  @BeforeAll
  static void makeReplica() throws Exception {
    environment = Host.replicaOfRows(folder.resolve("replica"));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 8})
  void fibersOfTheMainThreadAndOfOthersReadAsTheirThreadsDo(int threads) throws Exception {
    String program = folder.resolve("fibers").toString();
    Host.Result compiled =
        Host.run(
            Map.of(),
            "",
            List.of(
                "cc",
                "-O1",
                "-Wall",
                "-o",
                program,
                "src/test/c/fibers.c",
                "-lsqlite3",
                "-lpthread"));
    assertThat(compiled.err()).isEmpty();
    String extension = Host.distribution().resolve("litestream").toString();
    Host.Result result =
        Host.run(environment, "", List.of(program, extension, String.valueOf(threads)));
    assertThat(result.out()).isEqualTo("done\n");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {32, 64, 96, 128, 256, 8192})
  void aThreadWithASmallStackOpensAndReads(int kilobytes) throws Exception {
    Host.Result result =
        Host.python(
            environment,
            """
            load()
            def work():
                c = connect()
                print(c.execute('SELECT count(*) FROM t').fetchone()[0],
                      c.execute("PRAGMA litestream_txid = '1'").fetchone() != None,
                      c.execute('SELECT count(*) FROM litestream_history').fetchone()[0])
            threading.stack_size(%d * 1024)
            t = threading.Thread(target=work)
            t.start(); t.join()
            """
                .formatted(kilobytes));
    assertThat(result.out()).isEqualTo("20000 True 1\n");
    assertThat(result.err()).isEmpty();
    assertThat(result.exit()).isZero();
  }
}
