package dev.rivulet.db;

/** {@code ./simulate}: runs seeds, and stops at the first that fails. */
final class Simulate {
  private Simulate() {}

  public static void main(String[] args) throws java.io.IOException {
    long from = 1;
    long seeds = 1000;
    long steps = 1000;
    for (int i = 0; i + 1 < args.length; i += 2) {
      long value = Long.parseLong(args[i + 1]);
      switch (args[i]) {
        case "--from" -> from = value;
        case "--seeds" -> seeds = value;
        case "--steps" -> steps = value;
        case "--seed" -> {
          from = value;
          seeds = 1;
        }
        default -> throw new IllegalArgumentException(args[i]);
      }
    }
    dev.rivulet.log.Log.configure(dev.rivulet.log.Log.Level.ERROR, "");
    SimStats all = new SimStats();
    long begun = System.nanoTime();
    for (long seed = from; seed < from + seeds; seed++) {
      try {
        all.add(Simulation.run(seed, steps, SimDatabase::new));
      } catch (SimFailure e) {
        System.out.println(e.getMessage());
        System.exit(1);
      }
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf("%d seeds in %.1f s (%.0f steps/s); %s%n", seeds, seconds, all.steps / seconds, all);
  }
}
