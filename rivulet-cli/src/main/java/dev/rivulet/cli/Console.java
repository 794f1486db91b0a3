package dev.rivulet.cli;

import dev.rivulet.store.Environment;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;

/**
 * Where a command prints, and what it may ask of the process.
 *
 * @param out results
 * @param err everything else
 * @param errIsTerminal whether somebody watches {@code err}
 * @param environment the process's variables
 * @param interrupted whether the user has pressed Ctrl-C
 */
record Console(
    OutputStream out,
    OutputStream err,
    boolean errIsTerminal,
    Environment environment,
    BooleanSupplier interrupted) {

  /** The reader of the results went away, or they could not be written. */
  static final class OutputException extends IOException {
    private static final long serialVersionUID = 1;

    OutputException(IOException cause) {
      super("The results could not be written to standard output: " + cause.getMessage(), cause);
    }
  }

  /**
   * Prints a result.
   *
   * @throws OutputException if nobody takes it
   */
  void print(String text) throws OutputException {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
      out.flush();
    } catch (IOException e) {
      throw new OutputException(e);
    }
  }

  /** Prints a message. */
  void message(String text) {
    try {
      err.write(text.getBytes(StandardCharsets.UTF_8));
      err.flush();
    } catch (IOException e) {
      // There is no other place where this could be said.
    }
  }
}
