package dev.rivulet.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * What a command line did.
 *
 * @param code its exit code
 * @param out what it printed on standard output
 * @param err what it printed on standard error
 */
record Ran(int code, String out, String err) {

  /** Runs a command line in this process, without any environment variable. */
  static Ran inProcess(String... words) {
    return inProcess(false, Map.of(), words);
  }

  static Ran inProcess(boolean terminal, Map<String, String> environment, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console = new Console(out, err, terminal, environment::get, () -> false);
    int code = Main.run(List.of(words), console);
    return new Ran(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
