package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Exchange;
import dev.rivulet.testing.Latency;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stock hosts that fill a local file: what is in it, who uses it, and what that saves. */
@Tag("host")
class HydrationHostTest {
  /** Nothing is asked for but what queries and hydration need. */
  private static final String NO_POLLS = "&poll_interval=1h";

  @TempDir static Path folder;
  static HydratedReplica replica = new HydratedReplica(Path.of(""), Path.of(""));

  @TempDir Path own;
  Path local = Path.of("");

  @BeforeAll
  static void makeReplica() throws Exception {
    replica = HydratedReplica.make(folder, 4000);
    S3Host.server().admin().putReplica(replica.folder(), "hydration", "db");
  }

  @BeforeEach
  void nameTheFile() {
    local = own.resolve("local.db");
  }

  private Host.Result python(String script) throws Exception {
    return Host.python(replica.environment(local), "load()\n" + HydratedReplica.PYTHON + script);
  }

  private static Host.Result prints(String out) {
    return new Host.Result(0, out, "");
  }

  @Test
  void aVariableAloneFillsTheFileWithWhatLitestreamRestores() throws Exception {
    Host.Result result =
        Host.sqlite3(
            S3Host.with(replica.environment(local), "LITESTREAM_HYDRATION_PATH", local.toString()),
            S3Host.OPEN,
            "SELECT litestream_hydration_wait(30);",
            "PRAGMA litestream_hydration_progress;",
            "PRAGMA litestream_hydration_file;",
            "SELECT n, (SELECT count(*) FROM t) FROM s;",
            "PRAGMA integrity_check;");
    assertThat(result).isEqualTo(prints("1\n100.0\n" + local + "\n3|5000\nok\n"));
    replica.isIn(local);
  }

  @Test
  void aParameterAloneFillsItInPythonAndWhatIsReadBeforeDuringAndAfterIsRight() throws Exception {
    assertThat(
            python(
                """
                c = opened('&hydration_bandwidth=8MiB')
                seen = set()
                while True:
                    progress = one(c, 'PRAGMA litestream_hydration_progress')
                    seen.add(progress)
                    assert right(c), progress
                    if progress == '100.0': break
                print(len(seen) > 1, wait(c), right(c), one(c, 'PRAGMA litestream_hydration_file') == LOCAL)
                """))
        .isEqualTo(prints("True 1 True True\n"));
    replica.isIn(local);
  }

  @Test
  void jdbcFillsItToo() throws Exception {
    assertThat(
            JdbcProgram.run(
                "file://" + replica.folder() + "?hydration_path=" + local,
                Map.of(),
                "SELECT litestream_hydration_wait('30s')",
                "PRAGMA litestream_hydration_progress",
                "SELECT count(*) FROM t"))
        .isEqualTo(prints("1\n100.0\n5000\n"));
    replica.isIn(local);
  }

  @Test
  void whatIsHydratedIsReadWithoutARequestByEveryConnection() throws Exception {
    String scan = "SELECT sum(length(a)) FROM t";
    try (DelayProxy proxy = DelayProxy.start(URI.create(S3Host.server().endpoint()), Latency.NONE);
        PythonTalk python =
            new PythonTalk(
                replica.with(S3Host.environment(proxy.endpoint() + "", "hydration/db"), local))) {
      python.say(HydratedReplica.PYTHON);
      assertThat(
              python.say(
                  "c = opened('" + HydratedReplica.FORGETFUL + NO_POLLS + "'); print(wait(c))"))
          .isEqualTo("1\n");
      assertThat(proxy.traffic().count(Exchange.Kind.GET)).isGreaterThan(1);
      proxy.reset();
      for (int i = 0; i < 2; i++) {
        assertThat(python.ask(scan)).isEqualTo("5000000\n");
        assertThat(python.say("print(right(c))")).isEqualTo("True\n");
        python.say("c = opened('" + HydratedReplica.FORGETFUL + NO_POLLS + "')");
      }
      assertThat(proxy.traffic().requests()).as(proxy.traffic().trace()).isZero();
      assertThat(python.end()).isEmpty();
    }
  }

  @Test
  void thePastIsReadBesideItAndIsRightToTheByte() throws Exception {
    assertThat(
            python(
                """
                c = opened('&hydration_bandwidth=16MiB' + FORGETFUL)
                history = c.execute("SELECT txid, min(time) FROM litestream_history('exact') GROUP BY 1 ORDER BY 1").fetchall()
                def past():
                    for n in (1, 3, 2):
                        ats = ['txid=' + history[n - 1][0]] + ['time=' + t for _, t in history[n:n + 1]]
                        for at in ats:
                            c.execute("ATTACH 'file:my.db?vfs=litestream%s&%s' AS past" % (FORGETFUL, at))
                            rows = c.execute('SELECT p.n, s.n, (SELECT count(*) FROM past.t) FROM past.s AS p, s').fetchone()
                            assert rows == (n, 3, 3500 + 500 * n), (at, rows)
                            assert right(c, 'past', n), at
                            assert right(c), at
                            c.execute('DETACH past')
                past()
                print(wait(c))
                past()
                """))
        .isEqualTo(prints("1\n"));
    replica.isIn(local);
  }

  @Test
  void connectionsOfAProcessShareOneFile() throws Exception {
    assertThat(
            python(
                """
                cs = [opened() for _ in range(3)] + [connect()]
                print(wait(cs[2]), all(right(c) for c in cs))
                print({one(c, 'PRAGMA litestream_hydration_file') == LOCAL for c in cs})
                print([os.readlink('/proc/self/fd/' + f) for f in os.listdir('/proc/self/fd')
                       if os.path.exists('/proc/self/fd/' + f)].count(LOCAL))
                for c in cs[:3]: c.close()
                print(right(cs[3]), one(cs[3], 'PRAGMA litestream_hydration_progress'))
                """))
        .isEqualTo(prints("1 True\n{True}\n1\nTrue 100.0\n"));
  }

  @Test
  void aSecondProcessWorksWithoutItAndSaysWhyOnce() throws Exception {
    try (PythonTalk first = new PythonTalk(replica.environment(local))) {
      first.say(HydratedReplica.PYTHON);
      assertThat(first.say("c = opened(); print(wait(c))")).isEqualTo("1\n");
      Host.Result second =
          python(
              """
              import json
              cs = [opened() for _ in range(3)]
              for c in cs:
                  status = json.loads(one(c, 'PRAGMA litestream_status'))
                  print(right(c), 'another process' in status['hydration']['error'])
              try: wait(c)
              except sqlite3.Error as e: print('another process' in str(e))
              """);
      assertThat(second.out()).isEqualTo("True True\n".repeat(3) + "True\n");
      assertThat(second.err().lines()).hasSize(1);
      assertThat(HydratedReplica.warnings(second.err()))
          .singleElement()
          .asString()
          .contains("not hydrated", local.toString(), "another process");
      assertThat(first.say("print(right(c))")).isEqualTo("True\n");
      assertThat(first.end()).isEmpty();
    }
    replica.isIn(local);
    assertThat(python("c = opened(); print(wait(c), right(c))")).isEqualTo(prints("1 True\n"));
  }

  @ParameterizedTest
  @CsvSource({
    "hydration_path, /tmp/, path of a file",
    "hydration_enabled, maybe, true or false",
    "hydration_persist, 2, true or false",
    "hydration_bandwidth, fast, bytes per second",
    "hydration_bandwidth, 100, bytes per second",
    "hydration_bandwidth, -1, bytes per second"
  })
  void aWrongSettingIsRefusedByItsName(String name, String value, String cure) throws Exception {
    // A path beside it, for settings that are not looked at without hydration.
    String parameters = name.equals("hydration_path") ? "" : "&hydration_path=" + local;
    Host.Result result =
        Host.sqlite3(
            replica.environment(local),
            S3Host.OPEN + parameters + "&" + name + "=" + value,
            "SELECT n FROM s;");
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains("Parameter " + name, cure);

    String variable = "LITESTREAM_" + name.toUpperCase(java.util.Locale.ROOT);
    result =
        Host.sqlite3(
            S3Host.with(replica.environment(local), variable, value),
            S3Host.OPEN + parameters,
            "SELECT n FROM s;");
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).contains(variable, cure);
    assertThat(local).doesNotExist();
  }

  @Test
  void whereItIsOffNothingIsWrittenAndWaitingForItIsAnError() throws Exception {
    Host.Result result =
        Host.sqlite3(
            S3Host.with(replica.environment(local), "LITESTREAM_HYDRATION_PATH", local.toString()),
            S3Host.OPEN + "&hydration_enabled=off",
            "PRAGMA litestream_hydration_progress;",
            "SELECT n FROM s;",
            "SELECT litestream_hydration_wait(1);");
    assertThat(result.out()).isEqualTo("0.0\n3\n");
    assertThat(result.err()).contains("no hydration to wait for");
    assertThat(own).isEmptyDirectory();
  }
}
