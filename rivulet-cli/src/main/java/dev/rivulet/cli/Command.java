package dev.rivulet.cli;

import java.io.IOException;
import java.util.List;

/**
 * One command of {@code rivulet}.
 *
 * @param name what the user types
 * @param operands in the order in which they must be given, as the help shows them
 * @param summary one line
 * @param text what the help says below the usage line; lines of at most 80 characters
 * @param options besides {@code --help}
 * @param action what it does
 */
record Command(
    String name,
    List<String> operands,
    String summary,
    String text,
    List<Option> options,
    Action action) {

  /** Runs a command. */
  @FunctionalInterface
  interface Action {
    /**
     * Does what the command is for.
     *
     * @return the exit code
     * @throws UsageException if the arguments' values are wrong
     * @throws IOException if it failed; the message is for the user
     */
    int run(Arguments arguments, Console console) throws UsageException, IOException;
  }

  Command {
    operands = List.copyOf(operands);
    options = List.copyOf(options);
  }
}
