package dev.rivulet.bench;

import dev.rivulet.testing.DelayProxy;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs the stock {@code sqlite3} program with nothing in its environment but what is given. */
final class Sqlite {

  /** Litestream's own scan takes two minutes; what takes longer has failed. */
  private static final int DEADLINE_SECONDS = 400;

  private final Path folder;
  private final Map<String, String> environment;

  /**
   * Prepares runs.
   *
   * @param folder for scripts and logs
   */
  Sqlite(Path folder, Map<String, String> environment) {
    this.folder = folder;
    this.environment = new HashMap<>(environment);
    for (String kept : List.of("PATH", "HOME")) {
      this.environment.put(kept, String.valueOf(System.getenv(kept)));
    }
    this.environment.put("LITESTREAM_LOG_FILE", folder.resolve("extension.log").toString());
  }

  private ProcessBuilder builder(List<String> wrapper, String... arguments) {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(List.of("sqlite3", "-batch", "-bail", "-init", "/dev/null"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(environment);
    builder.redirectError(folder.resolve("sqlite3.err").toFile());
    return builder;
  }

  /**
   * Runs a script in a new process.
   *
   * @param proxy whose traffic is reset before and taken after
   * @throws IOException if it fails; the message has what it wrote to its standard error
   */
  Measurement cold(String script, DelayProxy proxy) throws IOException {
    Path input = folder.resolve("sqlite3.in");
    Path peak = folder.resolve("sqlite3.peak");
    Files.writeString(input, script);
    ProcessBuilder builder = builder(List.of("/usr/bin/time", "-f", "%M", "-o", peak.toString()));
    builder.redirectInput(input.toFile());
    proxy.reset();
    long start = System.nanoTime();
    Process process = builder.start();
    String answer = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    end(process);
    double seconds = (System.nanoTime() - start) / 1e9;
    return new Measurement(
        seconds,
        answer.strip(),
        proxy.traffic(),
        Long.parseLong(Files.readAllLines(peak).getLast()));
  }

  /** What the query answers on a local file, and in how many seconds, process start included. */
  Measurement local(Path database, String sql, DelayProxy proxy) throws IOException {
    return cold(".open '" + database + "'\n" + sql + "\n", proxy);
  }

  private void end(Process process) throws IOException {
    try {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw new IOException("sqlite3 took more than " + DEADLINE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while sqlite3 was running", e);
    }
    if (process.exitValue() != 0) {
      throw new IOException(
          "sqlite3 ended with status %d: %s"
              .formatted(
                  process.exitValue(), Files.readString(folder.resolve("sqlite3.err")).strip()));
    }
  }

  /** Starts a process that is asked one thing after another. */
  Session session() throws IOException {
    return new Session(builder(List.of()).start());
  }

  /** A running {@code sqlite3}. Not thread-safe. */
  final class Session implements AutoCloseable {
    private static final String END = "--end-of-answer--";

    private final Process process;
    private final Writer in;
    private final BufferedReader out;

    private Session(Process process) {
      this.process = process;
      this.in = process.outputWriter(StandardCharsets.UTF_8);
      this.out = process.inputReader(StandardCharsets.UTF_8);
    }

    /** Sends commands or statements and gives the lines that they print. */
    List<String> ask(String commands) throws IOException {
      in.write(commands + "\n.print " + END + "\n");
      in.flush();
      List<String> lines = new ArrayList<>();
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.equals(END)) {
          return lines;
        }
        lines.add(line);
      }
      end(process);
      throw new IOException("sqlite3 ended before it had answered");
    }

    /** What the process has had of all cores so far, in the system's calls too. */
    Duration cpu() throws IOException {
      return process
          .info()
          .totalCpuDuration()
          .orElseThrow(() -> new IOException("No CPU time of process " + process.pid()));
    }

    /** What the process holds in memory now, in millions of bytes. */
    double residentMegabytes() throws IOException {
      for (String line :
          Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))) {
        if (line.startsWith("VmRSS:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024 / 1e6;
        }
      }
      throw new IOException("No VmRSS in /proc/PID/status");
    }

    @Override
    public void close() throws IOException {
      in.close();
      end(process);
    }
  }
}
