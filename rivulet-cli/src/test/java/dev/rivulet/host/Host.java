package dev.rivulet.host;

import dev.rivulet.testing.TestReplica;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** Runs real hosts, unmodified, as processes with the assembled distribution. */
final class Host {
  /** What a process did. */
  record Result(int exit, String out, String err) {}

  private Host() {}

  /** The distribution; {@code ./build} makes it before these tests run. */
  static Path distribution() {
    Path folder =
        Path.of(System.getProperty("rivulet.dist", "../dist/rivulet")).toAbsolutePath().normalize();
    if (!Files.exists(folder.resolve("litestream.so"))) {
      throw new IllegalStateException(folder + " is missing: run ./build first");
    }
    return folder;
  }

  /** The stock sqlite3 with the extension loaded; commands run in order, on their own lines. */
  static Result sqlite3(Map<String, String> environment, String... commands) throws Exception {
    return sqlite3From(distribution().resolve("litestream"), environment, commands);
  }

  static Result sqlite3From(Path extension, Map<String, String> environment, String... commands)
      throws Exception {
    String script = ".load '" + extension + "'\n" + String.join("\n", commands) + "\n";
    return run(environment, script, List.of("sqlite3", "-batch", ":memory:"));
  }

  /** Makes a replica with the numbers from 1 to 20000 in table t; what a host needs to open it. */
  static Map<String, String> replicaOfRows(Path folder) throws IOException {
    return Map.of(
        "LITESTREAM_REPLICA_URL",
        TestReplica.make(
            folder,
            "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"
                + " INSERT INTO t SELECT i FROM n;"));
  }

  /** Debian's Python, the one that can load extensions; {@code DIST} is the distribution there. */
  static Result python(Map<String, String> environment, String script) throws Exception {
    return run(environment, "", List.of(PYTHON, "-c", pythonPrelude() + script));
  }

  static final String PYTHON = "/usr/bin/python3";

  static String pythonPrelude() {
    return """
    import os, sqlite3, sys, threading
    DIST = %s
    def load():
        c = sqlite3.connect(':memory:')
        c.enable_load_extension(True)
        c.load_extension(DIST + '/litestream')
        return c
    def connect(name='file:my.db?vfs=litestream'):
        return sqlite3.connect(name, uri=True, check_same_thread=False)
    """
        .formatted("'" + distribution() + "'");
  }

  /** A hang is what many of these tests are about: it is a failure, not a wait. */
  private static final long DEADLINE_SECONDS = 60;

  static Result run(Map<String, String> environment, String input, List<String> command)
      throws Exception {
    return run(environment, input, command, DEADLINE_SECONDS);
  }

  static Result run(
      Map<String, String> environment, String input, List<String> command, long seconds)
      throws Exception {
    Process process = start(environment, command);
    CompletableFuture<String> out =
        CompletableFuture.supplyAsync(() -> read(process.getInputStream()), OWN_THREAD);
    CompletableFuture<String> err =
        CompletableFuture.supplyAsync(() -> read(process.getErrorStream()), OWN_THREAD);
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // The process ended without reading it all, which its result shows.
    }
    if (!process.waitFor(seconds, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("hangs: " + command + "\n" + out.get() + err.get());
    }
    return new Result(
        process.exitValue(), out.get(10, TimeUnit.SECONDS), err.get(10, TimeUnit.SECONDS));
  }

  /** A process that has nothing of the machine's own settings, JAVA_HOME least of all. */
  static Process start(Map<String, String> environment, List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().keySet().removeIf(MACHINES_OWN.asMatchPredicate());
    builder.environment().putAll(environment);
    return builder.start();
  }

  private static final Pattern MACHINES_OWN =
      Pattern.compile("(LITESTREAM_|JAVA|AWS_|SSL_CERT_).*|.*_(PROXY|proxy)");

  /** The common pool has one thread on two cores, and a test may keep it busy. */
  static final java.util.concurrent.Executor OWN_THREAD =
      task -> Thread.ofPlatform().daemon().start(task);

  static String read(java.io.InputStream in) {
    try (in) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
