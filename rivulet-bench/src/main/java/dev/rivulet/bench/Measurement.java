package dev.rivulet.bench;

import dev.rivulet.testing.Traffic;
import java.util.Comparator;
import java.util.List;

/**
 * One cold process that answered one query.
 *
 * @param seconds from before its start to after its end
 * @param answer what it printed
 * @param traffic its requests
 * @param peakKilobytes largest resident size, in KiB as the kernel counts it
 */
record Measurement(double seconds, String answer, Traffic traffic, long peakKilobytes) {

  double peakMegabytes() {
    return peakKilobytes * 1024 / 1e6;
  }

  /** The run of the median time: its other figures belong together. */
  static Measurement median(List<Measurement> runs) {
    return runs.stream()
        .sorted(Comparator.comparingDouble(Measurement::seconds))
        .toList()
        .get((runs.size() - 1) / 2);
  }
}
