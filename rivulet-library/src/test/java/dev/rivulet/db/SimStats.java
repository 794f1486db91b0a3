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
    other.errors.forEach((error, count) -> errors.merge(error, count, Long::sum));
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d steps: %d transactions, %d pages compared, %d polls (%d failed), %d quiet checks (%d read twice), %d replacements; errors with a reason:"
            .formatted(
                steps, transactions, pages, polls, failedPolls, quiet, goneInQuiet, replacements));
    errors.forEach((error, count) ->
        text.append(' ').append(error.name().toLowerCase(Locale.ROOT)).append(' ').append(count));
    return text.toString();
  }
}
