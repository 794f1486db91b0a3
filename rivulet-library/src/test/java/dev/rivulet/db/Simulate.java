package dev.rivulet.db;

import dev.rivulet.log.Log;
import java.io.IOException;

/** {@code ./simulate}: runs seeds, and stops at the first that fails. */
final class Simulate {
  private static final String USAGE =
      """
      usage: ./simulate [--seeds N] [--from SEED] [--steps N]
             ./simulate --seed SEED [--steps N]
      N seeds (1000) from SEED (1) on, each of N steps (1000). A seed that fails is played again,
      and its last steps are shown; a thousand of them with -Drivulet.simulation.trace=1000 in
      JAVA_TOOL_OPTIONS.\
      """;

  private static final long PROGRESS_NANOS = 10_000_000_000L;

  private long from = 1;
  private long seeds = 1000;
  private long steps = 1000;

  private Simulate() {}

  public static void main(String[] args) throws IOException {
    Log.configure(Log.Level.ERROR, ""); // polls fail all the time, and on purpose
    Simulate simulate = new Simulate();
    if (!simulate.parse(args)) {
      System.err.println(USAGE);
      System.exit(2);
    }
    if (!simulate.run()) {
      System.exit(1);
    }
  }

  private boolean parse(String[] args) {
    try {
      for (int i = 0; i < args.length; i += 2) {
        long value = i + 1 < args.length ? Long.parseLong(args[i + 1]) : -1;
        switch (args[i]) {
          case "--from" -> from = value;
          case "--seeds" -> seeds = value;
          case "--steps" -> steps = value;
          case "--seed" -> {
            from = value;
            seeds = 1;
          }
          default -> {
            return false;
          }
        }
      }
      return seeds > 0 && steps > 0;
    } catch (NumberFormatException e) {
      return false;
    }
  }

  private boolean run() {
    SimStats all = new SimStats();
    long begun = System.nanoTime();
    long told = begun;
    for (long i = 0; i < seeds; i++) {
      long seed = from + i;
      try {
        all.add(Simulation.run(seed, steps, SimDatabase::new));
      } catch (SimFailure e) {
        System.out.println(e.getMessage());
        System.out.println("Replay it: ./simulate --seed " + seed + " --steps " + steps);
        return false;
      }
      if (System.nanoTime() - told > PROGRESS_NANOS) {
        told = System.nanoTime();
        System.err.println(i + 1 + " of " + seeds + " seeds");
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        "%d seeds in %.1f s, %.0f steps/s. %s%n", seeds, seconds, all.steps / seconds, all);
    return true;
  }
}
