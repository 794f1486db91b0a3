package dev.rivulet.bench;

import dev.rivulet.testing.Latency;

/** The latencies that are measured. */
enum Network {
  NEAR,
  FAR;

  String label() {
    return this == NEAR ? "near" : "far";
  }

  Latency latency() {
    return this == NEAR ? Latency.NEAR : Latency.FAR;
  }
}
