package dev.rivulet.bench;

import dev.rivulet.testing.Exchange.Kind;
import dev.rivulet.testing.ShopDatabase.Size;
import dev.rivulet.testing.ShopQuery;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One query of one replica, in cold processes of both extensions.
 *
 * @param limits what ours has to reach, by network; a network that is not there is not measured
 * @param theirs how Litestream takes part
 * @param recorded Litestream's seconds as measured before on a 2-core machine, by network
 */
record BenchCase(
    String name,
    String title,
    Replica replica,
    String sql,
    Map<Network, List<Limit>> limits,
    Theirs theirs,
    Map<Network, Double> recorded) {

  /** How Litestream takes part: as often as ours, once, or only with {@code --full}. */
  enum Theirs {
    ALWAYS,
    ONCE,
    IF_FULL
  }

  /** Near is never slower than Litestream. */
  private static final List<Limit> NOT_SLOWER = List.of(Limit.ratio(1));

  private static final long HUGE_ROW = 3_000_001;

  static final List<BenchCase> ALL =
      List.of(
          shop(
              ShopQuery.SCHEMA,
              "count of sqlite_schema",
              Theirs.ALWAYS,
              List.of(Limit.ratio(0.28), Limit.inSequence(2)),
              0.35,
              0.72),
          shop(
              ShopQuery.ROW,
              "one row by key",
              Theirs.ALWAYS,
              List.of(Limit.ratio(0.33), Limit.inSequence(5), Limit.megabytes(1.5)),
              0.39,
              0.81),
          shop(
              ShopQuery.ORDER,
              "one order with items and products",
              Theirs.ALWAYS,
              List.of(Limit.ratio(0.33)),
              0.49,
              1.21),
          shop(
              ShopQuery.JOIN,
              "5-way join of one customer",
              Theirs.ALWAYS,
              List.of(Limit.ratio(0.30)),
              0.69,
              2.04),
          shop(
              ShopQuery.SCATTERED,
              "663 rows scattered, by a secondary index",
              Theirs.ONCE,
              List.of(Limit.ratio(0.05), Limit.megabytes(45)),
              5.4,
              20.3),
          new BenchCase(
              "sum",
              "sum over all tables",
              Replica.SHOP,
              ShopQuery.SUM.sql(Size.LARGE),
              Map.of(Network.NEAR, List.of(Limit.ratio(0.007))),
              Theirs.IF_FULL,
              Map.of(Network.NEAR, 124.0)),
          new BenchCase(
              "small",
              "1 MB database, one row",
              Replica.SMALL,
              ShopQuery.ROW.sql(Size.SMALL),
              Map.of(
                  Network.NEAR,
                  NOT_SLOWER,
                  Network.FAR,
                  List.of(
                      Limit.ratio(0.28),
                      Limit.requests(Kind.LIST, 1),
                      Limit.requests(Kind.GET, 1))),
              Theirs.ALWAYS,
              Map.of(Network.FAR, 0.75)),
          new BenchCase(
              "day",
              "a day-old replica, first row of sqlite_schema",
              Replica.DAY,
              "SELECT type, name, rootpage FROM sqlite_schema LIMIT 1;",
              Map.of(
                  Network.NEAR,
                  NOT_SLOWER,
                  Network.FAR,
                  List.of(Limit.inSequence(5), Limit.requests(Kind.LIST, 12))),
              Theirs.ONCE,
              Map.of()),
          new BenchCase(
              "huge",
              "10 GB database, one row by key",
              Replica.HUGE,
              "SELECT rtrim(value, '.') FROM entries WHERE id = " + HUGE_ROW + ";",
              Map.of(Network.FAR, List.of(Limit.seconds(1.5), Limit.peakMegabytes(160))),
              Theirs.IF_FULL,
              Map.of()));

  /** What the huge database answers; there is no local file to ask. */
  static String hugeAnswer() {
    return GeneratedReplica.tenGigabytes().value(HUGE_ROW);
  }

  private static BenchCase shop(
      ShopQuery query, String title, Theirs theirs, List<Limit> far, double near, double recorded) {
    return new BenchCase(
        query.name().toLowerCase(Locale.ROOT),
        title,
        Replica.SHOP,
        query.sql(Size.LARGE),
        Map.of(Network.NEAR, NOT_SLOWER, Network.FAR, far),
        theirs,
        Map.of(Network.NEAR, near, Network.FAR, recorded));
  }
}
