package dev.rivulet.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end and gives what it printed. */
final class Command {

  private Command() {}

  /**
   * Runs a program with nothing on its standard input.
   *
   * @param environment added to this process's own
   * @return its standard output
   * @throws IOException if it cannot be started, fails, or runs longer than the deadline; the
   *     message has the end of what it printed
   */
  static String run(Duration deadline, Map<String, String> environment, List<String> command)
      throws IOException {
    Path log = Files.createTempFile("command", ".log");
    try {
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.environment().putAll(environment);
      builder.redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
      builder.redirectError(log.toFile());
      Process process = builder.start();
      Thread killer = killAfter(process, deadline);
      String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      killer.interrupt();
      if (status != 0) {
        throw new IOException(
            "%s ended with status %d: %s"
                .formatted(command.getFirst(), status, end(Files.readString(log) + out)));
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while " + command.getFirst() + " was running", e);
    } finally {
      Files.deleteIfExists(log);
    }
  }

  private static Thread killAfter(Process process, Duration deadline) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            if (!process.waitFor(deadline.toMillis(), TimeUnit.MILLISECONDS)) {
              process.destroyForcibly();
            }
          } catch (InterruptedException e) {
            // It ended in time.
          }
        });
  }

  private static String end(String text) {
    return text.substring(Math.max(0, text.length() - 2000)).strip();
  }

  /** {@link #run} where a failure is a defect of the machine or the caller. */
  static String must(List<String> command) {
    try {
      return run(Duration.ofMinutes(10), Map.of(), command);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
