package dev.rivulet.bench;

import dev.rivulet.testing.Exchange.Kind;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * A figure that ours must not exceed.
 *
 * @param text for people, with the largest value
 * @param most the largest value that meets it
 */
record Limit(String text, ToDoubleFunction<Pair> figure, double most) {

  /**
   * What is compared.
   *
   * @param theirSeconds of this run, or recorded on such a machine; none if there is neither
   */
  record Pair(Measurement ours, Optional<Double> theirSeconds) {}

  /** Empty where there is nothing to compare with. */
  Optional<Boolean> met(Pair pair) {
    double value = figure.applyAsDouble(pair);
    return Double.isNaN(value) ? Optional.empty() : Optional.of(value <= most);
  }

  static Limit ratio(double most) {
    return new Limit(
        "ratio " + most,
        pair -> pair.theirSeconds().map(s -> pair.ours().seconds() / s).orElse(Double.NaN),
        most);
  }

  static Limit seconds(double most) {
    return new Limit("%.2f s".formatted(most), pair -> pair.ours().seconds(), most);
  }

  static Limit inSequence(int most) {
    return new Limit(most + " in sequence", pair -> pair.ours().traffic().inSequence(), most);
  }

  static Limit requests(Kind kind, int most) {
    return new Limit(most + " " + kind, pair -> pair.ours().traffic().count(kind), most);
  }

  static Limit megabytes(double most) {
    return new Limit(most + " MB", pair -> pair.ours().traffic().bytes() / 1e6, most);
  }

  static Limit peakMegabytes(int most) {
    return new Limit(most + " MB peak", pair -> pair.ours().peakMegabytes(), most);
  }
}
