package dev.rivulet.host;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Debian's Python with the extension loaded, running what it is told piece by piece, so that a test
 * can do something to the store while a connection is open. {@code ask(sql)} prints rows as the
 * {@code sqlite3} program does, or the name of SQLite's error.
 */
final class PythonTalk implements AutoCloseable {
  /** More than any deadline of ours: what takes longer hangs. */
  private static final long HANGS_SECONDS = 40;

  private static final String LOOP =
      """
      load()
      c = None
      def ask(sql):
          try:
              for row in c.execute(sql).fetchall(): print(*row, sep='|')
          except sqlite3.OperationalError as e: print(e.sqlite_errorname)
      for line in sys.stdin:
          exec(bytes.fromhex(line).decode(), globals())
          print('\\x04', flush=True)
      """;

  private final Map<String, String> environment;
  private final Process process;
  private final BufferedReader out;
  private final CompletableFuture<String> err;

  PythonTalk(Map<String, String> environment) throws IOException {
    this.environment = environment;
    process = Host.start(environment, List.of(Host.PYTHON, "-c", Host.pythonPrelude() + LOOP));
    out = process.inputReader(StandardCharsets.UTF_8);
    err = CompletableFuture.supplyAsync(() -> Host.read(process.getErrorStream()), Host.OWN_THREAD);
  }

  /** Runs some Python and gives what it printed. */
  String say(String python) throws Exception {
    String line = HexFormat.of().formatHex(python.getBytes(StandardCharsets.UTF_8)) + "\n";
    process.getOutputStream().write(line.getBytes(StandardCharsets.US_ASCII));
    process.getOutputStream().flush();
    return CompletableFuture.supplyAsync(this::answer, Host.OWN_THREAD)
        .get(HANGS_SECONDS, TimeUnit.SECONDS);
  }

  /** Opens the replica as {@code c} and runs a query on it. */
  String openAnd(String sql) throws Exception {
    return say("c = connect()") + ask(sql);
  }

  String ask(String sql) throws Exception {
    return say("ask(\"\"\"" + sql + "\"\"\")");
  }

  private String answer() {
    StringBuilder said = new StringBuilder();
    try {
      for (String line = out.readLine(); !"\4".equals(line); line = out.readLine()) {
        if (line == null) {
          throw new AssertionError("Python ended: " + said + err.join());
        }
        said.append(line).append('\n');
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return said.toString();
  }

  /** Ends the process and gives what stood on its standard error. */
  String end() throws Exception {
    process.getOutputStream().close();
    if (!process.waitFor(HANGS_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("hangs at its end");
    }
    String said = err.get(10, TimeUnit.SECONDS);
    S3Host.assertDiscreet(environment, said);
    return said;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
