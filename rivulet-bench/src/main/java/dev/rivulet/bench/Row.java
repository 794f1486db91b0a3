package dev.rivulet.bench;

import dev.rivulet.testing.Exchange.Kind;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A line of the report: one case at one latency.
 *
 * @param ours the median run; none without {@code ./build}
 * @param theirs the median run of Litestream; none if it did not take part
 * @param theirSeconds of {@code theirs}, else as recorded
 */
record Row(
    BenchCase benchCase,
    Network network,
    Optional<Measurement> ours,
    Optional<Measurement> theirs,
    Optional<Double> theirSeconds,
    List<Limit> limits) {

  private static final String FORMAT = "%-46s %-4s | %7s %7s %6s | %-32s | %-32s | %s";

  static final String HEADING =
      FORMAT.formatted(
          "case",
          "",
          "ours s",
          "their s",
          "ratio",
          "ours: LIST GET seq. bytes peak",
          "theirs: the same",
          "required");

  String name() {
    return benchCase.name();
  }

  Optional<Double> ratio() {
    return ours.flatMap(o -> theirSeconds.map(t -> o.seconds() / t));
  }

  /** Each limit and whether it is met. */
  List<String> verdicts() {
    return limits.stream().map(limit -> limit.text() + ": " + met(limit)).toList();
  }

  boolean missed() {
    return limits.stream().anyMatch(limit -> met(limit).equals("MISSED"));
  }

  private String met(Limit limit) {
    return ours.flatMap(o -> limit.met(new Limit.Pair(o, theirSeconds)))
        .map(met -> met ? "met" : "MISSED")
        .orElse("not measured");
  }

  @Override
  public String toString() {
    String their = theirSeconds.map(Row::seconds).orElse("-");
    if (theirs.isEmpty() && theirSeconds.isPresent()) {
      their += "*";
    }
    return FORMAT.formatted(
        benchCase.title(),
        network.label(),
        ours.map(m -> seconds(m.seconds())).orElse("-"),
        their,
        ratio().map(r -> String.format(Locale.ROOT, "%.3f", r)).orElse("-"),
        ours.map(Row::traffic).orElse("-"),
        theirs.map(Row::traffic).orElse("-"),
        String.join(", ", verdicts()));
  }

  private static String seconds(double value) {
    return String.format(Locale.ROOT, value < 10 ? "%.3f" : "%.1f", value);
  }

  private static String traffic(Measurement m) {
    return String.format(
        Locale.ROOT,
        "%3d %5d %5d %6.2f MB %4.0f MB",
        m.traffic().count(Kind.LIST),
        m.traffic().count(Kind.GET),
        m.traffic().inSequence(),
        m.traffic().bytes() / 1e6,
        m.peakMegabytes());
  }
}
