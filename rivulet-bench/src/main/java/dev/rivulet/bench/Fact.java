package dev.rivulet.bench;

import java.util.Optional;

/**
 * A figure that stands beside the cases.
 *
 * @param required the largest or least value, as a text; empty if nothing is required
 * @param met empty if nothing is required
 */
record Fact(String name, String title, String value, String required, Optional<Boolean> met) {

  static Fact of(String name, String title, String value) {
    return new Fact(name, title, value, "", Optional.empty());
  }

  static Fact limited(String name, String title, double value, double most, String unit) {
    return new Fact(
        name,
        title,
        number(value) + " " + unit,
        "at most " + number(most) + " " + unit,
        Optional.of(value <= most));
  }

  static Fact atLeast(String name, String title, double value, double least, String unit) {
    return new Fact(
        name,
        title,
        number(value) + " " + unit,
        "at least " + number(least) + " " + unit,
        Optional.of(value >= least));
  }

  private static String number(double value) {
    return value == Math.rint(value) ? "%.0f".formatted(value) : "%.2f".formatted(value);
  }

  @Override
  public String toString() {
    String verdict = met.map(m -> ", " + required + (m ? ": met" : ": MISSED")).orElse("");
    return "%s: %s%s".formatted(title, value, verdict);
  }
}
