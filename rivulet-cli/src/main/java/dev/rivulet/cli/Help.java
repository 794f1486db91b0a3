package dev.rivulet.cli;

import java.util.ArrayList;
import java.util.List;

/** Help texts, made from the tables that the parser uses. */
final class Help {
  private Help() {}

  static String of(Command command) {
    StringBuilder text = new StringBuilder("Usage: rivulet ").append(command.name());
    for (String operand : command.operands()) {
      text.append(' ').append(operand);
    }
    for (Option option : command.options()) {
      text.append(" [").append(option.label()).append(']');
    }
    text.append("\n\n").append(command.text().strip()).append("\n\nOptions:\n");
    List<List<String>> rows = new ArrayList<>();
    for (Option option : command.options()) {
      rows.add(List.of("  " + option.label(), option.help()));
    }
    rows.add(List.of("  --help", "print this"));
    return text.append(Table.render(rows)).toString();
  }

  static String of(List<Command> commands) {
    StringBuilder text =
        new StringBuilder(
            """
            Usage: rivulet COMMAND [ARGUMENTS]

            Reads the replicas that Litestream keeps of SQLite databases.

            Commands:
            """);
    List<List<String>> rows = new ArrayList<>();
    for (Command command : commands) {
      rows.add(List.of("  " + command.name(), command.summary()));
    }
    text.append(Table.render(rows));
    return text.append(
            """

            A URL is that of a replica, as s3://bucket/path/my.db or file:///folder.
            "rivulet COMMAND --help" tells more; "rivulet --version" prints the version.
            """)
        .toString();
  }
}
