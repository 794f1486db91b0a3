package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Following and travelling by SQL, in Debian's sqlite3 and Python: pragmas, functions, history. */
@Tag("host")
class TravelHostTest {
  private static final String OPEN = ".open file:my.db?vfs=litestream";

  /** State n has the rows 1 to n. {@code one} is the single value of a query, {@code state} its. */
  private static final String PYTHON =
      """
      plain = load()
      c = connect()
      one = lambda sql, *a: c.execute(sql, a).fetchone()[0]
      state = lambda: one('SELECT count(*) FROM t')
      def error(sql, *a):
          try: return c.execute(sql, a).fetchall()
          except sqlite3.Error as e: return str(e)
      # A snapshot of a state is made after it, and has that time.
      history = c.execute("SELECT txid, min(time) FROM litestream_history('exact') GROUP BY 1 ORDER BY 1").fetchall()
      txids = [t for t, _ in history]
      assert len(txids) == 4, history
      """;

  @TempDir static Path folder;
  static Map<String, String> environment = Map.of();

  @BeforeAll
  static void makeReplica() throws Exception {
    String replica =
        TestReplica.make(
            folder.resolve("replica"),
            "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);",
            "INSERT INTO t VALUES (2);",
            "INSERT INTO t VALUES (3); CREATE TABLE later (a);",
            "INSERT INTO t VALUES (4);");
    environment = Map.of("LITESTREAM_REPLICA_URL", replica);
  }

  private static void assertPrints(String out, String script) throws Exception {
    assertThat(Host.python(environment, PYTHON + script)).isEqualTo(new Host.Result(0, out, ""));
  }

  @Test
  void aConnectionJumpsBetweenStatesByPragmaHoweverOftenAndInWhateverOrder() throws Exception {
    // Python keeps the prepared statement of each text, and each must do its work again.
    assertPrints(
        "ok\n",
        """
        import random
        r = random.Random(1)
        for _ in range(200):
            n = r.randrange(5)
            answer = one("PRAGMA litestream_txid = '%s'" % (txids + ['LATEST'])[n])
            at = min(n, 3)
            assert txids[at] in answer, (n, answer)
            if r.random() < 0.7: assert state() == at + 1, (n, state())
            assert one('PRAGMA litestream_txid') == one('SELECT litestream_txid()') == txids[at]
        print('ok')
        """);
  }

  @Test
  void functionsAndPragmasOfOneConnectionDoNotMisleadEachOther() throws Exception {
    assertPrints(
        "2\n",
        """
        pragma = "PRAGMA litestream_txid = '%s'" % txids[0]
        for _ in range(3):
            one(pragma)
            assert state() == 1
            assert txids[3] in one("SELECT litestream_set_time('latest')")
            assert state() == 4
        one("SELECT litestream_set_txid(?)", txids[1])
        print(state())
        """);
  }

  @Test
  void aTimeGivesEveryTransactionBeforeItAndOneRowThatSaysWhere() throws Exception {
    assertPrints(
        "no such table: later\n",
        """
        for n in (3, 1, 2):
            for sql in ("PRAGMA litestream_time = '%s'" % history[n][1],
                        "SELECT litestream_set_time('%s', 'main')" % history[n][1]):
                rows = c.execute(sql)
                assert rows.description[0][0]
                rows = rows.fetchall()
                assert len(rows) == 1 and txids[n - 1] in rows[0][0], rows
                time = one('SELECT litestream_time()')
                assert history[n - 1][1] <= time <= history[n][1], (n, time, history)
                assert state() == n, (n, state())
        print(error('SELECT * FROM later'))
        """);
  }

  @Test
  void twoMomentsMeetInOneQuery() throws Exception {
    assertPrints(
        "[(3,), (4,)]\n[]\n",
        """
        c.execute("ATTACH 'file:my.db?vfs=litestream' AS past")
        one("SELECT litestream_set_txid(?, 'past')", txids[1])
        print(c.execute('SELECT id FROM main.t EXCEPT SELECT id FROM past.t').fetchall())
        one("PRAGMA past.litestream_txid = LATEST")
        print(c.execute('SELECT id FROM main.t EXCEPT SELECT id FROM past.t').fetchall())
        """);
  }

  @Test
  void aUriOpensAtAMomentAndOneQueryReadsTwo() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            PYTHON
                + """
                uri = 'file:my.db?vfs=litestream&'
                c.execute("ATTACH '%stxid=%s' AS second" % (uri, txids[1]))
                c.execute("ATTACH '%stime=%s' AS third" % (uri, history[3][1]))
                print(c.execute('SELECT id FROM main.t EXCEPT SELECT id FROM second.t').fetchall())
                print(c.execute('SELECT id FROM third.t EXCEPT SELECT id FROM second.t').fetchall())
                print(error("ATTACH '%stime=%s&txid=%s' AS both" % (uri, history[3][1], txids[1])))
                """);
    assertThat(result.out()).startsWith("[(3,), (4,)]\n[(3,)]\nunable to open database");
    assertThat(result.err()).contains("time").contains("txid");
    assertThat(result.exit()).isZero();
  }

  @Test
  void insideAReadTransactionSettersAreRefusedWithAMessage() throws Exception {
    assertPrints(
        "4\n",
        """
        setters = "PRAGMA litestream_txid = '%s'" % txids[0], "SELECT litestream_set_txid('%s')" % txids[0]
        def refused(words):
            for sql in setters: assert words in error(sql), error(sql)
        c.execute('BEGIN')
        assert state() == 4
        refused('read transaction')
        assert 'read transaction' in error("SELECT litestream_set_txid('%s') FROM t" % txids[0])
        c.execute('COMMIT')
        rows = c.execute('SELECT * FROM t')
        rows.fetchone()
        refused('read transaction')
        rows.close()
        assert state() == 4
        c.execute('BEGIN') # which takes no lock: there is no state yet to keep
        one(setters[0])
        assert state() == 1
        c.execute('COMMIT')
        c = connect('file:my.db?vfs=litestream&immutable=1')
        refused('immutable')
        print(state())
        """);
  }

  @Test
  void aWrongMomentOrArgumentIsSaidAndNothingChanges() throws Exception {
    assertPrints(
        "4\n",
        """
        for sql, words in (
            ('SELECT litestream_set_time(NULL)', 'timestamp required'),
            ('SELECT litestream_set_txid(NULL)', 'TXID required'),
            ("SELECT litestream_set_time('LATEST', NULL)", "schema's name is NULL"),
            ("SELECT litestream_set_time('LATEST', 'temp')", "schema 'temp' is not a replica"),
            ("PRAGMA litestream_time = 'the other day'", 'the other day'),
            ("SELECT litestream_set_time('the other day')", 'the other day'),
            ("PRAGMA litestream_txid = '00000000000000ff'", '00000000000000ff'),
            ("PRAGMA litestream_lag = 5", 'litestream_lag is read-only'),
            ("PRAGMA litestream_refresh", 'litestream_refresh is unknown')):
            assert words in error(sql), (sql, error(sql))
            assert words in error(sql), (sql, error(sql))
        print(state())
        """);
  }

  @Test
  void historyIsATableWithArguments() throws Exception {
    Host.Result result =
        Host.sqlite3(
            environment,
            OPEN,
            "SELECT count(DISTINCT txid), count(*) = count(uploaded), count(time), min(typeof(level) || typeof(bytes))"
                + " FROM litestream_history WHERE level = 0;",
            "SELECT count(DISTINCT time) >= 4, min(bytes) > 0, max(level) FROM litestream_history('exact');",
            "ATTACH 'file:my.db?vfs=litestream' AS past;",
            "SELECT s.column1, count(*) > 0 FROM (VALUES ('main'), ('past')) s, litestream_history(NULL, s.column1)"
                + " GROUP BY 1;",
            "SELECT DISTINCT mode, schema FROM litestream_history('EXACT', 'past');",
            "SELECT sum(julianday(time) IS NULL OR julianday(uploaded) IS NULL) FROM litestream_history('exact');");
    assertThat(result)
        .isEqualTo(
            new Host.Result(0, "4|1|0|integerinteger\n1|1|0\nmain|1\npast|1\nEXACT|past\n0\n", ""));
  }

  @Test
  void historySaysWhatIsWrongAndSparesOrdinaryConnections() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            PYTHON
                + """
                print(error("SELECT * FROM litestream_history('most')")[:27])
                print(error("SELECT * FROM litestream_history(NULL, 'past')"))
                c = plain
                print(error('SELECT * FROM litestream_history'))
                c.execute("ATTACH 'file:my.db?vfs=litestream' AS r")
                print(one("SELECT count(DISTINCT txid) FROM litestream_history(NULL, 'r')"))
                c.execute('CREATE TABLE litestream_history (a)')
                c.execute('INSERT INTO litestream_history VALUES (7)')
                print(one('SELECT a FROM litestream_history'))
                """);
    assertThat(result)
        .isEqualTo(
            new Host.Result(
                0,
                """
                litestream_history('most'):
                litestream_history: schema 'past' is not a replica opened with vfs=litestream
                litestream_history: schema 'main' is not a replica opened with vfs=litestream
                4
                7
                """,
                ""));
  }

  @Test
  void viewsOfAForeignSchemaMayNeitherAskNorTravel() throws Exception {
    Path local = folder.resolve("local.db");
    Host.Result result =
        Host.python(
            Map.of(
                "LITESTREAM_REPLICA_URL",
                environment.get("LITESTREAM_REPLICA_URL"),
                "LOCAL",
                local.toString()),
            PYTHON
                + """
                c = sqlite3.connect(os.environ['LOCAL'])
                for i, body in enumerate(("SELECT litestream_set_time('LATEST')", 'SELECT litestream_refresh()',
                                          'SELECT * FROM litestream_history')):
                    c.execute('CREATE VIEW v%d AS %s' % (i, body))
                    print(error('SELECT * FROM v%d' % i)[:13])
                """);
    assertThat(result).isEqualTo(new Host.Result(0, "unsafe use of\n".repeat(3), ""));
  }

  @Test
  void refreshAsksNowAndLagIsANumber() throws Exception {
    Path growing = folder.resolve("growing");
    TestReplica.make(growing, "CREATE TABLE t (id);", "INSERT INTO t VALUES (1);");
    Path newest = folder.resolve("newest");
    Host.Result result =
        Host.python(
            Map.of(
                "LITESTREAM_REPLICA_URL", "file://" + growing,
                "ROOT", growing.resolve("ltx").toString(),
                "ASIDE", Files.createDirectory(newest).toString()),
            """
            import glob
            load()
            def ends(path): return path[-20:-4]
            files = glob.glob(os.environ['ROOT'] + '/*/*.ltx')
            first, last = min(map(ends, files)), max(map(ends, files))
            later = [f for f in files if ends(f) > first]
            for i, f in enumerate(later): os.rename(f, '%s/%d' % (os.environ['ASIDE'], i))
            c = connect()
            one = lambda sql: c.execute(sql).fetchone()[0]
            assert one('SELECT litestream_refresh()') == first
            assert one('SELECT count(*) FROM t') == 0
            for i, f in enumerate(later): os.rename('%s/%d' % (os.environ['ASIDE'], i), f)
            assert one('SELECT litestream_refresh()') == last
            assert one('SELECT count(*) FROM t') == 1
            assert one('SELECT litestream_txid()') == last
            print(one('SELECT typeof(litestream_lag())'), int(one('PRAGMA litestream_lag')) < 60)
            """);
    assertThat(result).isEqualTo(new Host.Result(0, "integer True\n", ""));
  }

  @Test
  void settingsAreReadAndSetByPragma() throws Exception {
    Host.Result result =
        Host.sqlite3(
            environment,
            OPEN,
            "PRAGMA litestream_poll_interval = '500ms';",
            "PRAGMA litestream_poll_interval;",
            "PRAGMA litestream_max_staleness = '30s';",
            "PRAGMA litestream_max_staleness;",
            "PRAGMA litestream_poll_interval = 'often';");
    List<String> lines = result.out().lines().toList();
    assertThat(lines).hasSize(4);
    assertThat(lines.get(0)).isEqualTo(lines.get(1)).contains("500");
    assertThat(lines.get(2)).isEqualTo(lines.get(3)).contains("30");
    assertThat(result.err()).contains("often");
  }
}
