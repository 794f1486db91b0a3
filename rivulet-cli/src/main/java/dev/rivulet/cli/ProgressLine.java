package dev.rivulet.cli;

import dev.rivulet.db.Restore;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** A line that says how far a restore or hydration is, on a terminal only; overwritten in place. */
final class ProgressLine implements Restore.Progress {
  /** As often as an eye can follow. */
  private static final long INTERVAL_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

  private static final String CLEAR = "\r\033[K";

  private final Console console;
  private final long begun = System.nanoTime();
  private long shown = begun;
  private boolean visible;

  ProgressLine(Console console) {
    this.console = console;
  }

  @Override
  public void at(long done, long total) {
    long now = System.nanoTime();
    if (!console.errIsTerminal() || now - shown < INTERVAL_NANOS || total == 0) {
      return;
    }
    shown = now;
    visible = true;
    double rate = done / ((now - begun) / 1e9);
    console.message(
        String.format(
            Locale.ROOT,
            "%s%3d %%  %s of %s, %s/s",
            CLEAR,
            done * 100 / total,
            Sizes.format(done),
            Sizes.format(total),
            Sizes.format((long) rate)));
  }

  /** Removes the line. */
  void clear() {
    if (visible) {
      console.message(CLEAR);
      visible = false;
    }
  }
}
