package dev.rivulet.db;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How far the local file of a database is.
 *
 * @param file its path; null if it has no name
 * @param pages that it has
 * @param of that there are
 * @param pageSize in bytes
 * @param trouble why it does not go on; null while it does
 */
public record HydrationState(
    @Nullable String file, int pages, int of, int pageSize, @Nullable String trouble) {
  public boolean isComplete() {
    return pages == of;
  }

  /** Percent, with one decimal: {@code 100.0} only if every page is there. */
  public String percent() {
    return isComplete()
        ? "100.0"
        : String.format(Locale.ROOT, "%.1f", Math.min(99.9, 100.0 * pages / of));
  }

  Json report() {
    return new Json()
        .put("file", file)
        .put("progress", percent())
        .put("pages", pages)
        .put("of", of)
        .put("error", trouble);
  }
}
