package dev.rivulet.testing;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end and gives what it printed. */
final class Command {

  private Command() {}

  /**
   * Runs a program with nothing on its standard input.
   *
   * @return its standard output
   * @throws IOException if it cannot be started, fails, or runs longer than the deadline; the
   *     message has the end of what it printed
   */
  static String run(Duration deadline, ProcessBuilder builder) throws IOException {
    String program = builder.command().getFirst();
    Path log = Files.createTempFile("command", ".log");
    try {
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
                .formatted(program, status, end(Files.readString(log) + out)));
      }
      return out;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while " + program + " was running", e);
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
}
