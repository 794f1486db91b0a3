package dev.rivulet.cli;

/**
 * An option of a command.
 *
 * @param name with its dashes, as {@code --txid} or {@code -o}
 * @param value what stands for its value in the help; empty if it takes none
 * @param help one line
 */
record Option(String name, String value, String help) {
  boolean takesValue() {
    return !value.isEmpty();
  }

  /** As in the help: {@code --txid HEX}. */
  String label() {
    return takesValue() ? name + " " + value : name;
  }
}
