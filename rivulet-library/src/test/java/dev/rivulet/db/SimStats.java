package dev.rivulet.db;

import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/** What simulations have done, so that one sees that they did it. */
final class SimStats {
  long steps;
  long transactions;
  long pages;
  long polls;
  long failedPolls;
  long quiet;
  long goneInQuiet;
  long replacements;

  /** What the last process of a seed read from its disk cache, in bytes. */
  long kept;

  /** Of worlds with a local file: how often something was put into it... */
  long fills;

  /** ...how often it was left in order, and opened again... */
  long ends;

  long kills;
  long powerLosses;

  /** ...how often a body was damaged that was to be put into it... */
  long damages;

  /** ...how often it was removed while it was used... */
  long removals;

  /** ...and how often it was whole, and compared with the model byte by byte. */
  long completions;

  private final Map<SimErrors, Long> errors = new EnumMap<>(SimErrors.class);

  void error(SimErrors error) {
    errors.merge(error, 1L, Long::sum);
  }

  long errors(SimErrors error) {
    return errors.getOrDefault(error, 0L);
  }

  void add(SimStats other) {
    steps += other.steps;
    transactions += other.transactions;
    pages += other.pages;
    polls += other.polls;
    failedPolls += other.failedPolls;
    quiet += other.quiet;
    goneInQuiet += other.goneInQuiet;
    replacements += other.replacements;
    kept += other.kept;
    fills += other.fills;
    ends += other.ends;
    kills += other.kills;
    powerLosses += other.powerLosses;
    damages += other.damages;
    removals += other.removals;
    completions += other.completions;
    other.errors.forEach((error, count) -> errors.merge(error, count, Long::sum));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d steps: %d transactions, %d pages compared, %d polls (%d failed), %d quiet checks (%d read twice), %d replacements; "
            .formatted(
                steps, transactions, pages, polls, failedPolls, quiet, goneInQuiet, replacements));
    text.append(
        "local files: %d fills, %d ends in order, %d kills, %d power losses, %d damaged bodies, %d removals, %d times complete; errors with a reason:"
            .formatted(fills, ends, kills, powerLosses, damages, removals, completions));
    errors.forEach((error, count) ->
        text.append(' ').append(error.name().toLowerCase(Locale.ROOT)).append(' ').append(count));
    return text.toString();
  }
}
