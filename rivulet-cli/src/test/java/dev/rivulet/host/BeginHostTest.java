package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Transactions that follow each other closely: C begins them by itself while nothing new is
 * published, and nobody may notice.
 */
@Tag("host")
class BeginHostTest {
  /**
   * State n has the rows 1 to n; {@code hide} and {@code show} take files of states away and back.
   */
  private static final String PYTHON =
      """
      import glob, threading, time, urllib.parse
      load()
      LTX = urllib.parse.urlparse(os.environ['LITESTREAM_REPLICA_URL']).path + '/ltx/'
      def opened(): return connect('file:my.db?vfs=litestream&poll_interval=1h')
      def one(c, sql): return c.execute(sql).fetchone()[0]
      def state(c): return one(c, 'SELECT count(*) FROM t')
      def error(c, sql):
          try: return c.execute(sql).fetchall()
          except sqlite3.Error as e: return str(e)
      def hide(n):
          for f in glob.glob(LTX + '*/*-%016x.ltx' % n): os.rename(f, f + '.hidden')
      def show(n):
          for f in glob.glob(LTX + '*/*-%016x.ltx.hidden' % n): os.rename(f, f[:-7])
      """;

  @TempDir Path folder;
  private Map<String, String> environment = Map.of();

  @BeforeEach
  void makeReplica() throws Exception {
    environment =
        Map.of(
            "LITESTREAM_REPLICA_URL",
            TestReplica.make(
                folder.resolve("replica"),
                "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);",
                "INSERT INTO t VALUES (2);",
                "INSERT INTO t VALUES (3);",
                "INSERT INTO t VALUES (4);"));
  }

  private void assertOk(String script) throws Exception {
    assertThat(Host.python(environment, PYTHON + script + "\nprint('ok')"))
        .isEqualTo(new Host.Result(0, "ok\n", ""));
  }

  @Test
  void whatOneConnectionHasSeenIsReadByTheOthersNextTransaction() throws Exception {
    assertOk(
        """
        for n in (4, 3, 2): hide(n)
        a, b = opened(), opened()
        newest, late, done = 1, [], False
        def read():
            while not done:
                least = newest # which every transaction that begins from here on has
                got = state(a)
                if got < least: late.append((got, least))
        reader = threading.Thread(target=read)
        reader.start()
        for n in (2, 3, 4):
            time.sleep(0.1)
            show(n)
            one(b, 'SELECT litestream_refresh()')
            newest = n
        time.sleep(0.1)
        done = True
        reader.join()
        assert not late, (len(late), late[0])
        assert state(a) == 4
        """);
  }

  @Test
  void aTransactionKeepsItsViewWhateverItAsksMeanwhile() throws Exception {
    assertOk(
        """
        hide(4)
        a, b = opened(), opened()
        before = one(a, 'PRAGMA litestream_txid')
        assert state(a) == state(a) == 3
        a.execute('BEGIN')
        assert state(a) == 3
        show(4)
        newest = one(b, 'SELECT litestream_refresh()')
        assert newest != before
        for _ in range(3):
            assert one(a, 'SELECT litestream_txid()') == one(a, 'PRAGMA litestream_txid') == before
            assert state(a) == 3
        assert len(a.serialize()) == one(a, 'PRAGMA page_count') * one(a, 'PRAGMA page_size')
        a.execute('COMMIT')
        assert state(a) == 4 and one(a, 'SELECT litestream_txid()') == newest
        """);
  }

  @Test
  void howeverCloselyTransactionsFollowASetterInsideOfOneIsRefused() throws Exception {
    assertOk(
        """
        c = opened()
        first = "PRAGMA litestream_txid = '%016x'" % 1
        for _ in range(50):
            assert state(c) == 4
            c.execute('BEGIN')
            assert state(c) == 4
            assert 'read transaction' in error(c, first)
            c.execute('COMMIT')
            assert state(c) == 4
        one(c, first)
        assert state(c) == state(c) == 1
        one(c, "PRAGMA litestream_txid = 'LATEST'")
        assert state(c) == state(c) == 4
        """);
  }

  @Test
  void aChildForkedBetweenTwoTransactionsGetsAnErrorAndTheParentGoesOn() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            PYTHON
                + """
                c = opened()
                assert state(c) == state(c) == 4
                if os.fork() == 0:
                    print(error(c, 'SELECT count(*) FROM t'), flush=True)
                    os._exit(7)
                assert os.wait()[1] >> 8 == 7
                print(state(c))
                """);
    assertThat(result.out()).isEqualTo("disk I/O error\n4\n");
    assertThat(result.err()).containsOnlyOnce("does not survive a fork");
  }
}
