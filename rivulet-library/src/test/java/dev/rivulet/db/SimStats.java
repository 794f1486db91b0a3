package dev.rivulet.db;

import java.util.Locale;

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
  private final long[] errors = new long[SimErrors.values().length];

  void error(SimErrors error) {
    errors[error.ordinal()]++;
  }

  long errors(SimErrors error) {
    return errors[error.ordinal()];
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
    for (int i = 0; i < errors.length; i++) {
      errors[i] += other.errors[i];
    }
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    text.append(
        "%d steps: %d transactions, %d pages compared, %d polls (%d failed), %d quiet checks (%d read twice), %d replacements; errors with a reason:"
            .formatted(
                steps, transactions, pages, polls, failedPolls, quiet, goneInQuiet, replacements));
    for (SimErrors error : SimErrors.values()) {
      if (errors[error.ordinal()] > 0) {
        text.append(' ')
            .append(error.name().toLowerCase(Locale.ROOT))
            .append(' ')
            .append(errors[error.ordinal()]);
      }
    }
    return text.toString();
  }
}
