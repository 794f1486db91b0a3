package dev.rivulet.cli;

import dev.rivulet.db.Databases;
import dev.rivulet.db.HydrationState;
import dev.rivulet.db.Session;
import dev.rivulet.db.Settings;
import dev.rivulet.db.SettingsException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** {@code rivulet hydrate}. */
final class HydrateCommand {
  private static final String BANDWIDTH = "--bandwidth";

  /** Between two looks at how far it is: what an eye can follow. */
  private static final long LOOK_MILLIS = 100;

  static final Command COMMAND =
      new Command(
          "hydrate",
          List.of("URL", "PATH"),
          "fill the local file that the extension reads with hydration_path",
          """
          Fills PATH with the newest state, or brings it up to date, and ends. Whoever then
          opens the replica with LITESTREAM_HYDRATION_PATH=PATH finds it, and fetches only
          what is newer. PATH.rivulet beside it says what PATH has.

            rivulet hydrate s3://bucket/path/my.db /var/cache/my.db
          """,
          List.of(
              new Option(BANDWIDTH, "SIZE", "most to be read from the store each second: 10MiB")),
          HydrateCommand::run);

  private HydrateCommand() {}

  private static int run(Arguments arguments, Console console) throws UsageException, IOException {
    if (arguments.operand(1).isEmpty()) {
      throw new UsageException("rivulet hydrate needs PATH, the local file to fill");
    }
    Map<String, String> parameters = new HashMap<>();
    parameters.put("hydration_path", arguments.operand(1));
    parameters.put("hydration_enabled", "true");
    parameters.put("hydration_persist", "true");
    String bandwidth = arguments.value(BANDWIDTH);
    if (bandwidth != null) {
      parameters.put("hydration_bandwidth", bandwidth);
    }
    // The newest state, whatever moment the environment says that connections begin at.
    parameters.put("time", "LATEST");
    Settings settings;
    try {
      settings = Settings.resolve(arguments.operand(0), parameters, console.environment());
    } catch (SettingsException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
    ProgressLine progress = new ProgressLine(console);
    HydrationState state;
    try (Session session = Databases.open(settings, console.interrupted())) {
      while (!session.awaitHydration(LOOK_MILLIS)) {
        show(progress, session.hydration());
      }
      state = session.hydration();
    } finally {
      progress.clear();
    }
    if (state != null) {
      console.print(
          "Hydrated %s: %d pages, %s\n"
              .formatted(
                  state.file(),
                  state.pages(),
                  Sizes.format((long) state.pages() * state.pageSize())));
    }
    return Main.OK;
  }

  private static void show(
      ProgressLine progress, @org.jspecify.annotations.Nullable HydrationState s) {
    if (s != null) {
      progress.at((long) s.pages() * s.pageSize(), (long) s.of() * s.pageSize());
    }
  }
}
