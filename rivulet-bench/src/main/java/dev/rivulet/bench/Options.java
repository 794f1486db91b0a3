package dev.rivulet.bench;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What {@code ./bench} was asked for.
 *
 * @param cases names of cases; all if empty
 * @param networks which latencies
 * @param runs of each case and extension; the median counts
 * @param full whether Litestream also runs what takes it minutes
 * @param trace whether each of our requests of the median run is printed
 * @param json file to write all results to
 */
record Options(
    Set<String> cases,
    Set<Network> networks,
    int runs,
    boolean full,
    boolean trace,
    Optional<Path> json) {

  static final String USAGE =
      """
      Usage: ./bench [CASE...] [--near | --far] [--runs N] [--full] [--trace] [--json FILE]

      Runs dist/rivulet/litestream.so and the released Litestream extension side by side in cold
      processes of sqlite3, against one S3 server behind a proxy that delays and counts, and prints
      medians. Without CASE: all cases. Without ./build before it: Litestream alone.

        --near       only 4 ms to the first byte
        --far        only 25 ms to the first byte
        --runs N     runs of each case (default 5; those in which Litestream takes long have one)
        --full       also run what takes Litestream minutes, instead of its recorded figure
        --trace      print each of our requests
        --json FILE  also write the results to FILE

      """;

  static final class UsageException extends Exception {
    private static final long serialVersionUID = 1;

    UsageException(String message) {
      super(message);
    }
  }

  static Options parse(List<String> arguments, List<String> known) throws UsageException {
    Set<String> cases = new TreeSet<>();
    Set<Network> networks = EnumSet.noneOf(Network.class);
    int runs = 5;
    boolean full = false;
    boolean trace = false;
    Optional<Path> json = Optional.empty();
    for (int i = 0; i < arguments.size(); i++) {
      String argument = arguments.get(i);
      switch (argument) {
        case "--near" -> networks.add(Network.NEAR);
        case "--far" -> networks.add(Network.FAR);
        case "--full" -> full = true;
        case "--trace" -> trace = true;
        case "--runs" -> runs = number(argument, value(arguments, ++i, argument));
        case "--json" -> json = Optional.of(Path.of(value(arguments, ++i, argument)));
        default -> {
          if (!known.contains(argument.toLowerCase(Locale.ROOT))) {
            throw new UsageException("There is no case or option " + argument);
          }
          cases.add(argument.toLowerCase(Locale.ROOT));
        }
      }
    }
    if (networks.isEmpty()) {
      networks = EnumSet.allOf(Network.class);
    }
    return new Options(cases, networks, runs, full, trace, json);
  }

  private static String value(List<String> arguments, int at, String option) throws UsageException {
    if (at == arguments.size()) {
      throw new UsageException(option + " needs a value");
    }
    return arguments.get(at);
  }

  private static int number(String option, String text) throws UsageException {
    if (!text.matches("[1-9][0-9]{0,3}")) {
      throw new UsageException(option + " needs a number from 1, not " + text);
    }
    return Integer.parseInt(text);
  }

  boolean wants(String name) {
    return cases.isEmpty() || cases.contains(name);
  }
}
