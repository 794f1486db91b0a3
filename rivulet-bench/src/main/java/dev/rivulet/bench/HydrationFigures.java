package dev.rivulet.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The case {@code hydration}: a local file that is filled while the database is read. */
final class HydrationFigures {

  static final String NAME = "hydration";

  /** The whole, and each part alone. */
  static final List<String> NAMES =
      List.of(
          NAME,
          NAME + "-fill",
          NAME + "-first",
          NAME + "-memory",
          NAME + "-keys",
          NAME + "-scans",
          NAME + "-threads",
          NAME + "-boot",
          NAME + "-kept");

  private HydrationFigures() {}

  static void measure(
      Options options,
      BenchServer server,
      BenchData data,
      Path folder,
      Optional<Extension> ours,
      Extension theirs,
      Report report)
      throws IOException {
    if (NAMES.stream().noneMatch(options::wants)) {
      return;
    }
    Path root = Path.of(System.getProperty("rivulet.root", "."));
    Path program = Probe.compile(root.resolve("rivulet-bench/src/main/c/probe.c"), folder);
    HydrationRig rig =
        new HydrationRig(options, server, data, folder, program, ours, theirs, report);
    new FillFigures(rig).measure();
    new HydratedFigures(rig).measure();
    new BootFigures(rig).measure();
    new KeptFigures(rig).measure();
    rig.forget();
  }
}
