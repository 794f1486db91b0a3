package dev.rivulet.bench;

import static dev.rivulet.bench.HydrationRig.median;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A new machine that needs a file system's metadata at once, and then for hours. */
final class BootFigures {

  private static final int QUERIES = 200;

  /** Files of each directory that a boot looks up. */
  private static final int TOGETHER = 5;

  private static final long SEED = 11;

  private final HydrationRig rig;

  BootFigures(HydrationRig rig) {
    this.rig = rig;
  }

  void measure() throws IOException {
    if (!rig.wants("boot") || !rig.options().networks().contains(Network.FAR)) {
      return;
    }
    rig.data().prepare(Replica.METADATA);
    rig.server().proxy().reset(Network.FAR.latency());
    boot("directories of a boot", MetadataDatabase.lookups(SEED, TOGETHER, QUERIES), true);
    boot("all over the tree", MetadataDatabase.lookups(SEED, 1, QUERIES), false);
  }

  private void boot(String which, List<String> queries, boolean required) throws IOException {
    List<String> expected;
    try (Probe probe = Probe.start(rig.program(), rig.folder(), Map.of())) {
      probe.open('p', rig.data().local(Replica.METADATA).toString());
      expected = probe.askAll('p', queries);
    }
    if (expected.size() != queries.size()) {
      throw new IOException("Of " + queries.size() + " lookups " + expected.size() + " find a row");
    }
    for (Extension extension : rig.extensions()) {
      List<Double> done = new ArrayList<>();
      List<Double> more = new ArrayList<>();
      for (int run = 0; run < rig.options().runs(); run++) {
        rig.forget();
        try (Probe probe = rig.hydrating(Replica.METADATA)) {
          probe.open(extension);
          List<String> answers = probe.askAll('r', queries);
          done.add(probe.age());
          HydrationRig.same(
              extension.name(), String.join("\n", answers), String.join("\n", expected));
          probe.awaitHydrated(HydrationRig.DEADLINE_SECONDS);
          more.add(probe.age() - done.getLast());
        }
      }
      String title = "boot, far, " + which + ": " + extension.name() + ", ";
      add(title + QUERIES + " queries done", extension, median(done), 1.0, required);
      add(title + "then until hydrated", extension, median(more), 2.0, required);
    }
  }

  private void add(
      String title, Extension extension, double seconds, double most, boolean required) {
    rig.report()
        .add(
            required && !extension.equals(rig.theirs())
                ? Fact.limited("hydration-boot", title, seconds, most, "s")
                : Fact.of("hydration-boot", title, "%.2f s".formatted(seconds)));
  }
}
