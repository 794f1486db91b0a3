package dev.rivulet.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A running {@code probe} (src/main/c): a host of SQLite with next to no overhead of its own, and
 * with threads, which the shell has not. Not thread-safe.
 */
final class Probe implements AutoCloseable {

  private static final String END = ".";

  /** Closing may write what hydration keeps; what takes longer has failed. */
  private static final int DEADLINE_SECONDS = 60;

  private final long begun = System.nanoTime();
  private final Process process;
  private final Writer in;
  private final BufferedReader out;
  private final Path errors;

  /**
   * What two or more threads, or one, read.
   *
   * @param seconds from their common start to the end of the last
   * @param processor seconds that processors spent on them, which hardly depends on what else runs
   * @param answer of the first of them
   */
  record Reading(double seconds, double processor, String answer) {}

  /**
   * What the process holds, in MB.
   *
   * @param peak the largest resident size so far
   * @param anonymous what of it is now no page of a file
   */
  record Memory(double peak, double anonymous) {}

  private Probe(Process process, Path errors) {
    this.process = process;
    this.in = process.outputWriter(StandardCharsets.UTF_8);
    this.out = process.inputReader(StandardCharsets.UTF_8);
    this.errors = errors;
  }

  /** Compiles the program. */
  static Path compile(Path source, Path folder) throws IOException {
    Path program = folder.resolve("probe");
    Process cc =
        new ProcessBuilder(
                "cc",
                "-O2",
                "-D_GNU_SOURCE",
                "-o",
                program.toString(),
                source.toString(),
                "-lsqlite3",
                "-lpthread")
            .inheritIO()
            .start();
    try {
      if (cc.waitFor() != 0) {
        throw new IOException("cc could not compile " + source);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
    return program;
  }

  /**
   * Starts the program.
   *
   * @param environment all that it has, but for the path of programs and the home folder
   */
  static Probe start(Path program, Path folder, Map<String, String> environment)
      throws IOException {
    Path errors = folder.resolve("probe.err");
    ProcessBuilder builder = new ProcessBuilder(program.toString());
    builder.environment().keySet().retainAll(List.of("PATH", "HOME"));
    builder.environment().putAll(environment);
    builder.environment().put("LITESTREAM_LOG_FILE", folder.resolve("extension.log").toString());
    builder.redirectError(errors.toFile());
    return new Probe(builder.start(), errors);
  }

  /** Seconds since the process was begun. */
  double age() {
    return (System.nanoTime() - begun) / 1e9;
  }

  /** Loads an extension and opens the replica of the environment. */
  void open(Extension extension) throws IOException {
    command("load " + extension.library());
    open('r', "file:///my.db?vfs=litestream");
  }

  void open(char name, String uri) throws IOException {
    command("open " + name + " " + uri);
  }

  String ask(char name, String sql) throws IOException {
    return String.join("\n", command("ask " + name + " " + sql));
  }

  /** Asks everything at once, so that no time goes into talking, and gives the answers' lines. */
  List<String> askAll(char name, List<String> statements) throws IOException {
    for (String sql : statements) {
      in.write("ask " + name + " " + sql + "\n");
    }
    in.flush();
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < statements.size(); i++) {
      lines.addAll(answer());
    }
    return lines;
  }

  /** Waits until the replica is hydrated. */
  void awaitHydrated(int seconds) throws IOException {
    command("wait r " + seconds);
  }

  /** Runs a query in each of some threads, each with a new connection. */
  Reading scan(char name, int threads, String sql) throws IOException {
    return reading(command("scan %s %d %s".formatted(name, threads, sql)));
  }

  /** Runs a query with random keys, so many times in each of some threads. */
  Reading keys(char name, int threads, int count, long most, String sql) throws IOException {
    return reading(command("keys %s %d %d %d %s".formatted(name, threads, count, most, sql)));
  }

  Memory memory() throws IOException {
    List<String> kibibytes = command("memory");
    return new Memory(
        Long.parseLong(kibibytes.getFirst()) * 1024 / 1e6,
        Long.parseLong(kibibytes.getLast()) * 1024 / 1e6);
  }

  private static Reading reading(List<String> lines) {
    return new Reading(
        Double.parseDouble(lines.getFirst()),
        Double.parseDouble(lines.get(1)),
        String.join("\n", lines.subList(2, lines.size())));
  }

  private List<String> command(String line) throws IOException {
    in.write(line + "\n");
    in.flush();
    return answer();
  }

  private List<String> answer() throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = out.readLine(); line != null; line = out.readLine()) {
      if (line.equals(END)) {
        return lines;
      }
      lines.add(line);
    }
    throw new IOException("The probe ended: " + Files.readString(errors).strip());
  }

  /** Ends the process as a crash would. */
  void kill() throws IOException {
    process.destroyForcibly();
    end();
  }

  /** Has the connections closed, which keeps what hydration has to keep, and ends the process. */
  @Override
  public void close() throws IOException {
    if (process.isAlive()) {
      in.close();
    }
    end();
  }

  private void end() throws IOException {
    try {
      if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException("The probe did not end within " + DEADLINE_SECONDS + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }
}
