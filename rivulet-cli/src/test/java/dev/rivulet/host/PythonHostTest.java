package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.TestReplica;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Debian's Python: threads, fork, signals, and an environment that changes at run time. */
@Tag("host")
class PythonHostTest {
  @TempDir static Path folder;
  static Map<String, String> environment = Map.of();

  @BeforeAll
  static void makeReplica() throws Exception {
    environment = Host.replicaOfRows(folder.resolve("replica"));
  }

  @Test
  void variablesSetWhileItRunsAreHeard() throws Exception {
    Host.Result result =
        Host.python(
            Map.of("URL", environment.get("LITESTREAM_REPLICA_URL")),
            """
            load()
            try: connect()
            except sqlite3.OperationalError as e: print(e)
            os.environ['LITESTREAM_REPLICA_URL'] = os.environ['URL']
            print(connect().execute('SELECT count(*) FROM t').fetchone()[0])
            """);
    assertThat(result.out()).isEqualTo("unable to open database file\n20000\n");
    assertThat(result.err()).contains("LITESTREAM_REPLICA_URL");
  }

  @Test
  void threadsThatComeAndGoLeaveNothingBehind() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            """
            load()
            def work():
                c = connect()
                assert c.execute('SELECT count(*) FROM t').fetchone()[0] == 20000
                c.close()
            def round(n):
                for _ in range(n // 10):
                    threads = [threading.Thread(target=work) for _ in range(10)]
                    for t in threads: t.start()
                    for t in threads: t.join()
            def resident():
                return int([l for l in open('/proc/self/status') if l.startswith('VmRSS')][0].split()[1])
            keep = connect()
            round(500)
            before = resident(), len(os.listdir('/proc/self/task'))
            round(2000)
            after = resident(), len(os.listdir('/proc/self/task'))
            print(after[0] - before[0], after[1] - before[1], sep='\\n')
            """);
    assertThat(result.err()).isEmpty();
    List<Integer> grown = result.out().lines().map(Integer::parseInt).toList();
    // An attached thread that is not detached costs some 30 KB and stays in the list.
    assertThat(grown.get(0)).isLessThan(16_000);
    // 2000 would be a leak; the folder store's few workers come and go.
    assertThat(grown.get(1)).isLessThanOrEqualTo(20);
  }

  @Test
  void aConnectionMayBeUsedByAnotherThreadThanItsMaker() throws Exception {
    assertPrints(
        "20000\n",
        """
        load()
        made = []
        t = threading.Thread(target=lambda: made.append(connect())); t.start(); t.join()
        print(made[0].execute('SELECT count(*) FROM t').fetchone()[0])
        t = threading.Thread(target=made[0].close); t.start(); t.join()
        """);
  }

  @Test
  void aServerThatLoadsFirstAndForksBeforeTheFirstOpenWorks() throws Exception {
    assertPrints(
        "20000\n".repeat(4),
        """
        load()
        for i in range(3):
            if os.fork() == 0:
                os.write(1, b'%d\\n' % connect().execute('SELECT count(*) FROM t').fetchone())
                sys.exit(0)
        for i in range(3): assert os.wait()[1] == 0
        print(connect().execute('SELECT max(a) FROM t').fetchone()[0])
        """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"sys.exit(7)", "os._exit(7)"})
  void aChildForkedLaterGetsErrorsAndEnds(String exit) throws Exception {
    Host.Result result =
        Host.python(
            environment,
            """
            load()
            c = connect()
            if os.fork() == 0:
                for f in (connect, lambda: c.execute('SELECT count(*) FROM t').fetchall(),
                          lambda: c.execute('SELECT litestream_txid()').fetchall(), c.close):
                    try: f(); print('no error', flush=True)
                    except sqlite3.OperationalError as e: print(str(e)[:26], flush=True)
                %s
            print(os.wait()[1] >> 8)
            print(c.execute('SELECT count(*) FROM t').fetchone()[0])
            """
                .formatted(exit));
    assertThat(result.out())
        .isEqualTo(
            "unable to open database fi\ndisk I/O error\nthis process was forked af\nno error\n7\n20000\n");
    assertThat(result.err()).containsOnlyOnce("does not survive a fork");
  }

  @Test
  void aPoolOfForkedWorkersThatDoNotTouchItEnds() throws Exception {
    assertPrints(
        "[1, 2]\n",
        """
        import multiprocessing
        load()
        c = connect()
        with multiprocessing.get_context('fork').Pool(2) as pool: print(pool.map(len, ['a', 'bb']))
        """);
  }

  @ParameterizedTest
  @ValueSource(strings = {"before", "after"})
  void faulthandlerSeesTheHostsFaultsAndNotTheJvms(String when) throws Exception {
    Host.Result result =
        Host.python(
            environment,
            """
            import ctypes, faulthandler, tempfile
            os.chdir(tempfile.mkdtemp())
            if '%1$s' == 'before': faulthandler.enable()
            load()
            c = connect()
            if '%1$s' == 'after': faulthandler.enable()
            for i in range(300): c.execute('SELECT count(*) FROM t').fetchall()
            print('reads', flush=True)
            ctypes.string_at(0)
            """
                .formatted(when));
    assertThat(result.out()).isEqualTo("reads\n");
    assertThat(result.err()).contains("Fatal Python error: Segmentation fault", "string_at");
    assertThat(result.exit()).isEqualTo(128 + 11);
  }

  @Test
  void aHandlerThatTheHostSetsLaterStandsBehindOursFromTheNextTransactionOn() throws Exception {
    assertPrints(
        "True\n",
        """
        import ctypes, faulthandler, signal
        libc = ctypes.CDLL(None)
        def handlers():
            found = []
            for s in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL):
                action = (ctypes.c_void_p * 32)()
                libc.sigaction(int(s), None, action)
                found.append(action[0])
            return found
        load()
        c = connect()
        ours = handlers()
        faulthandler.enable()
        assert handlers() != ours
        c.execute('SELECT count(*) FROM t').fetchall()
        print(handlers() == ours)
        """);
  }

  @Test
  void aHandlerOfFaultsIsCalledOnTheAlternateStack() throws Exception {
    assertPrints(
        "[True, True, True, True]\n",
        """
        import ctypes, signal, struct
        SA_ONSTACK = 0x08000000
        def flags(s):
            action = (ctypes.c_char * 256)()
            ctypes.CDLL(None).sigaction(int(s), None, action)
            return struct.unpack_from('i', action, 136)[0] # after the handler and 1024 signals' bits
        load()
        c = connect()
        print([flags(s) & SA_ONSTACK != 0
               for s in (signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL)])
        """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGXFSZ", "SIGHUP", "SIGTERM", "SIGQUIT"})
  void whatTheHostDoesWithItsSignalsItStillDoes(String name) throws Exception {
    assertPrints(
        "handled\n",
        """
        import signal
        def handle(number, frame): print('handled', flush=True)
        s = signal.%1$s
        signal.signal(s, handle)
        load()
        c = connect()
        os.kill(os.getpid(), s)
        assert c.execute('SELECT count(*) FROM t').fetchone()[0] == 20000
        """
            .formatted(name));
    Host.Result result =
        Host.python(
            environment,
            """
            import signal
            s = signal.%1$s
            signal.signal(s, signal.SIG_DFL)
            load()
            c = connect()
            print('open', flush=True)
            os.kill(os.getpid(), s)
            print('not ended')
            """
                .formatted(name));
    assertThat(result.out()).isEqualTo("open\n");
    assertThat(result.exit()).isGreaterThan(128);
  }

  @Test
  void aThreadGoesOnBlockingTheSignalsThatItBlocked() throws Exception {
    assertPrints(
        "True\nTrue\n",
        """
        import signal
        load()
        made = connect()
        def work(use):
            mask = signal.valid_signals() - {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
            before = signal.pthread_sigmask(signal.SIG_BLOCK, [])
            use()
            print(signal.pthread_sigmask(signal.SIG_BLOCK, []) == before)
        for use in connect, lambda: made.execute('SELECT count(*) FROM t').fetchall():
            t = threading.Thread(target=work, args=(use,)); t.start(); t.join()
        """);
  }

  /** Calls of SQLite's C API, for what Python's own module cannot say; two copies of SQLite. */
  private static final String C_API =
      """
      import ctypes, shutil, tempfile
      folder = tempfile.mkdtemp()
      os.chdir(folder)
      source = [l.split()[-1] for l in open('/proc/self/maps') if 'libsqlite3' in l][0]
      def copy(name):
          shutil.copy(source, folder + '/' + name)
          S = ctypes.CDLL(folder + '/' + name)
          S.sqlite3_errmsg.restype = S.sqlite3_column_text.restype = ctypes.c_char_p
          return S
      def open_db(S, name, vfs=None):
          db = ctypes.c_void_p()
          rc = S.sqlite3_open_v2(name, ctypes.byref(db), 0x46, vfs)
          return db, rc, S.sqlite3_errmsg(db)
      def load_into(S):
          db = open_db(S, b':memory:')[0]
          S.sqlite3_enable_load_extension(db, 1)
          assert S.sqlite3_load_extension(db, (DIST + '/litestream').encode(), None, None) == 0
      def one(S, db, sql):
          statement = ctypes.c_void_p()
          if S.sqlite3_prepare_v2(db, sql, -1, ctypes.byref(statement), None): return S.sqlite3_errmsg(db)
          S.sqlite3_step(statement)
          value = S.sqlite3_column_text(statement, 0)
          S.sqlite3_finalize(statement)
          return value
      """;

  @Test
  void eachCopyOfSqliteInAProcessHasItsOwnRegistration() throws Exception {
    assertPrints(
        "20000 16 16 True\n".repeat(3),
        C_API
            + """
            A, B = copy('a.so'), copy('b.so')
            for S in (A, B): load_into(S)
            for S in (A, B, A):
                db, rc, message = open_db(S, b'file:my.db?vfs=litestream')
                print(one(S, db, b'SELECT count(*) FROM t').decode(), len(one(S, db, b'SELECT litestream_txid()')),
                      len(one(S, db, b'SELECT max(txid) FROM litestream_history')),
                      one(S, db, b"PRAGMA litestream_time = 'LATEST'") == one(S, db, b"SELECT litestream_set_time('LATEST')"))
                assert S.sqlite3_close(db) == 0
            """);
  }

  @Test
  void loadingAgainAfterSqliteWasShutDownWorks() throws Exception {
    assertPrints(
        "16\n",
        C_API
            + """
            A = copy('a.so')
            load_into(A)
            A.sqlite3_shutdown()
            load_into(A)
            db, rc, message = open_db(A, b'file:my.db?vfs=litestream')
            print(len(one(A, db, b'SELECT litestream_txid()')))
            """);
  }

  @Test
  void aPlainNameOpenedByTheVfsArgumentIsRefusedAndNotSilentlyALocalFile() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            C_API
                + """
                A = copy('a.so')
                load_into(A)
                db, rc, message = open_db(A, b'plain.db', b'litestream')
                print(rc, message.decode())
                print(open_db(A, b'file:my.db?vfs=litestream', b'litestream')[1])
                print(open_db(A, b'plain.db')[1])
                """);
    assertThat(result.out())
        .startsWith("14 ")
        .contains("file:NAME?vfs=litestream")
        .endsWith("\n0\n0\n");
  }

  @Test
  void aCrashOfTheHostIsNotReportedAsOneOfJavaAndNotOnStdout() throws Exception {
    Host.Result result =
        Host.python(
            environment,
            """
            import ctypes
            load()
            c = connect()
            ctypes.string_at(0)
            """);
    assertThat(result).isEqualTo(new Host.Result(128 + 11, "", ""));
  }

  @Test
  void serializeReadsTheWholeDatabase() throws Exception {
    assertPrints(
        "20000\n",
        """
        load()
        image = connect().serialize()
        c = sqlite3.connect(':memory:')
        c.deserialize(image)
        print(c.execute('SELECT count(*) FROM t').fetchone()[0])
        """);
  }

  @Test
  void pragmasHaveAColumnNameThatPythonCanRead() throws Exception {
    assertPrints(
        "ok\n",
        """
        load()
        for name in ('txid', 'time', 'lag', 'status', 'stats', 'poll_interval', 'max_staleness',
                     "time = 'LATEST'", "txid = 'LATEST'"):
            rows = connect().execute('PRAGMA litestream_' + name)
            assert len(rows.description) == 1 and rows.description[0][0], name
            assert len(rows.fetchall()) == 1
        print('ok')
        """);
  }

  @Test
  void aReadThatTheStoreFailsIsAnIoError() throws Exception {
    // Random, so that it is not one small object which the open reads whole.
    Path gone = folder.resolve("gone");
    String url =
        TestReplica.make(
            gone,
            "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000)"
                + " INSERT INTO t SELECT randomblob(1000) FROM n;");
    Host.Result result =
        Host.python(
            Map.of("LITESTREAM_REPLICA_URL", url, "GONE", gone.toString()),
            """
            import shutil
            ordinary = load()
            c = connect()
            c.execute('SELECT name FROM sqlite_schema').fetchall()
            shutil.rmtree(os.environ['GONE'])
            try: print(c.execute('SELECT sum(length(a)) FROM t').fetchall())
            except sqlite3.OperationalError as e: print(e.sqlite_errorname)
            print(ordinary.execute('SELECT 42').fetchone()[0])
            """);
    assertThat(result.out()).isEqualTo("SQLITE_IOERR_READ\n42\n");
    assertThat(result.err()).contains("There is no replica at " + url);
  }

  @Test
  void nothingIsLeftInTheTempFolderOrTheWorkingFolder() throws Exception {
    Map<String, String> more = new HashMap<>(environment);
    Path temp = Files.createDirectory(folder.resolve("temp"));
    Path work = Files.createDirectory(folder.resolve("work"));
    more.put("TMPDIR", temp.toString());
    more.put("SQLITE_TMPDIR", temp.toString());
    more.put("WORK", work.toString());
    Host.Result result =
        Host.python(
            more,
            """
            os.chdir(os.environ['WORK'])
            load()
            c = connect()
            c.execute('PRAGMA temp_store = FILE')
            c.execute('PRAGMA cache_size = 10')
            c.execute('CREATE TEMP TABLE sorted AS SELECT a, printf("%0200d", a) AS b FROM t ORDER BY b DESC')
            print(c.execute('SELECT count(*) FROM sorted').fetchone()[0])
            try: c.execute('DELETE FROM t')
            except sqlite3.OperationalError as e: print(e.sqlite_errorname)
            c.commit()
            """);
    assertThat(result.out()).isEqualTo("20000\nSQLITE_READONLY\n");
    for (Path place : List.of(temp, work)) {
      try (var left = Files.list(place)) {
        assertThat(left).isEmpty();
      }
    }
  }

  /** Runs a script on the replica; it has to end well, and to say nothing else. */
  private static void assertPrints(String expected, String script) throws Exception {
    assertThat(Host.python(environment, script)).isEqualTo(new Host.Result(0, expected, ""));
  }
}
