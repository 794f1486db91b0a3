package dev.rivulet.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs the stock {@code sqlite3} program. */
final class Sqlite3 {
  private final String program;

  /**
   * @param program its name or path
   */
  Sqlite3(String program) {
    this.program = program;
  }

  /**
   * Runs it on a database to the end.
   *
   * @param environment added to this process's own
   * @param arguments what follows the database's name: options, then SQL or dot-commands
   * @return what it printed, errors included
   * @throws IOException if it is not there or fails
   */
  String run(Path database, Map<String, String> environment, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(program);
    command.add("-batch");
    command.add("-bail");
    // A user's ~/.sqliterc could change what is printed.
    command.add("-init");
    command.add("/dev/null");
    command.add(database.toString());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw new IOException(
          program
              + " cannot be run: install it (Debian: apt-get install sqlite3), or name it by"
              + " the variable SQLITE3",
          e);
    }
    process.getOutputStream().close();
    String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(program + " failed with code " + code + ": " + printed.strip());
      }
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while " + program + " was running", e);
    }
    return printed;
  }
}
