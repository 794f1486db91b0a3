package dev.rivulet.db;

import dev.rivulet.page.FetchStats;
import dev.rivulet.page.View;
import dev.rivulet.store.CountingStore;

/** What operators are told of a database: JSON objects of one line. */
final class Report {
  private Report() {}

  /**
   * What is read, and how following goes.
   *
   * @param v the view that is read
   * @param follows whether newer views will be read as they come
   */
  static String status(
      Database database, View v, boolean follows, String pollInterval, String maxStaleness) {
    Follower follower = database.follower();
    Json json =
        new Json()
            .put("replica", database.settings().url().display())
            .put("txid", v.txid().toString())
            .put("time", TimeText.of(v.timeMillis()))
            .put("age_seconds", (database.clock().millis() - v.timeMillis()) / 1000.0)
            .put("follows", follows ? 1 : 0)
            .put("page_size", v.pageSize())
            .put("pages", v.commit())
            .put("lag_seconds", follower.lagSeconds())
            .put("last_success", follower.lastSuccess())
            .put("last_error", follower.lastError())
            .put("plan_error", database.publisher().planError())
            .put("poll_interval", pollInterval)
            .put("max_staleness", maxStaleness)
            .put("plan_files", v.plan().files().size())
            .put("plan_bytes", v.plan().bytes());
    Hydration hydration = database.hydration().running();
    if (hydration != null) {
      json.put("hydration", hydration.state().report());
    } else if (database.hydration().whyNot() != null) {
      json.put("hydration", new Json().put("error", database.hydration().whyNot()));
    }
    return json.toString();
  }

  /** What the database has cost since it was opened in this process. */
  static String stats(Database database) {
    FetchStats stats = database.pages().stats();
    CountingStore.Counts counts = database.store().counts();
    return new Json()
        .put("lists", counts.lists())
        .put("gets", counts.gets())
        .put("puts", counts.puts())
        .put("deletes", counts.deletes())
        .put("failures", counts.failures())
        .put("bytes", counts.bytesRead())
        .put("in_sequence", counts.sequence())
        .put("cache_hits", stats.cacheHits())
        .put("cache_misses", stats.cacheMisses())
        .put("bytes_fetched", stats.bytesFetched())
        .put("bytes_from_disk", stats.bytesFromDisk())
        .put("bytes_never_used", stats.bytesNeverUsed())
        .put("waits", stats.waits())
        .put("latency_ms", database.pages().network().latencySeconds() * 1000)
        .toString();
  }
}
