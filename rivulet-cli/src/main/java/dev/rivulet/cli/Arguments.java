package dev.rivulet.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a command, parsed by its table of options.
 *
 * <p>{@code --name value}, {@code --name=value}, and, as Litestream writes them, {@code -name
 * value}. Options and operands may be mixed; after {@code --} there are only operands.
 */
final class Arguments {
  private static final Option HELP = new Option("--help", "", "");

  private final Map<String, String> options = new HashMap<>();
  private final List<String> operands = new ArrayList<>();

  private Arguments() {}

  /**
   * Parses.
   *
   * @throws UsageException for an unknown option, a missing or superfluous value or operand
   */
  static Arguments parse(Command command, List<String> words) throws UsageException {
    Arguments parsed = new Arguments();
    boolean onlyOperands = false;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (onlyOperands || !word.startsWith("-") || word.equals("-")) {
        parsed.operands.add(word);
        continue;
      }
      if (word.equals("--")) {
        onlyOperands = true;
        continue;
      }
      int equals = word.indexOf('=');
      Option option = find(command, equals < 0 ? word : word.substring(0, equals));
      String value = equals < 0 ? null : word.substring(equals + 1);
      if (option.takesValue() && value == null) {
        if (++i == words.size()) {
          throw new UsageException(option.name() + " needs a value: " + option.label());
        }
        value = words.get(i);
      }
      parsed.add(option, value);
    }
    parsed.checkOperands(command);
    return parsed;
  }

  private static Option find(Command command, String name) throws UsageException {
    // -txid is --txid, but -o is no --o.
    String full = name.startsWith("--") || name.length() <= 2 ? name : "-" + name;
    if (full.equals("-h") || full.equals(HELP.name())) {
      return HELP;
    }
    for (Option option : command.options()) {
      if (option.name().equals(full)) {
        return option;
      }
    }
    throw new UsageException("rivulet " + command.name() + " has no option " + name);
  }

  private void add(Option option, @Nullable String value) throws UsageException {
    if (!option.takesValue() && value != null) {
      throw new UsageException(option.name() + " takes no value");
    }
    if (options.put(option.name(), value == null ? "" : value) != null) {
      throw new UsageException(option.name() + " is given twice");
    }
  }

  private void checkOperands(Command command) throws UsageException {
    if (has(HELP.name())) {
      return;
    }
    List<String> wanted = command.operands();
    if (operands.size() < wanted.size()) {
      throw new UsageException(
          "rivulet " + command.name() + " needs " + wanted.get(operands.size()));
    }
    if (operands.size() > wanted.size()) {
      // Not quoted: it may be a misplaced URL with a secret in it.
      throw new UsageException(
          "rivulet %s takes %d operand%s, but there are %d"
              .formatted(
                  command.name(), wanted.size(), wanted.size() == 1 ? "" : "s", operands.size()));
    }
  }

  /** Whether the user asks for help. */
  boolean help() {
    return has(HELP.name());
  }

  boolean has(String option) {
    return options.containsKey(option);
  }

  /** The value of an option, or null if it is not given. */
  @Nullable String value(String option) {
    return options.get(option);
  }

  String operand(int index) {
    return operands.get(index);
  }
}
