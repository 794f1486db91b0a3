package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.DelayProxy;
import dev.rivulet.testing.Exchange;
import dev.rivulet.testing.FaultProxy;
import dev.rivulet.testing.Latency;
import dev.rivulet.testing.S3Server;
import dev.rivulet.testing.TestReplica;
import dev.rivulet.testing.Traffic;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stock hosts on a real S3 server: what a query costs, and what a wrong setting is answered. */
@Tag("host")
class S3HostTest {
  /** So slow that what is asked for together is seen together, on a busy machine too. */
  private static final Latency APART = Latency.steady(Duration.ofMillis(200), Long.MAX_VALUE);

  private static final String ONE_ROW = "SELECT length(a) FROM t WHERE rowid = 700;";
  private static final String SCHEMA = "SELECT count(*) FROM sqlite_schema WHERE name = 't';";

  @TempDir static Path folder;

  @BeforeAll
  static void makeReplicas() throws Exception {
    for (String name : List.of("small", "large")) {
      TestReplica.make(folder.resolve(name), sql(name.equals("small") ? 800 : 4000));
      S3Host.server().admin().putReplica(folder.resolve(name), "shop", name);
    }
  }

  /** Random, so that a row of 1 kB is 1 kB in the replica. */
  private static String sql(int rows) {
    return "CREATE TABLE t (a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
        + " WHERE i < "
        + rows
        + ") INSERT INTO t SELECT randomblob(1000) FROM n;";
  }

  @Test
  void theFirstRowOfADatabaseOfOneMegabyteCostsOneListAndOneGet() throws Exception {
    Traffic traffic = trafficOf("small", "1000\n", ONE_ROW);
    assertThat(traffic.count(Exchange.Kind.LIST)).as(traffic.trace()).isOne();
    assertThat(traffic.count(Exchange.Kind.GET)).as(traffic.trace()).isOne();
    assertThat(traffic.requests()).isEqualTo(2);
    assertThat(traffic.bytes()).isLessThan(1024 * 1024 + 4096);
  }

  @Test
  void theSchemaOfALargerDatabaseIsThereAfterTwoRoundTrips() throws Exception {
    Traffic traffic = trafficOf("large", "1\n", SCHEMA);
    assertThat(traffic.count(Exchange.Kind.LIST)).as(traffic.trace()).isOne();
    // Head and tail.
    assertThat(traffic.count(Exchange.Kind.GET)).as(traffic.trace()).isEqualTo(2);
    assertThat(traffic.requests()).isEqualTo(3);
    assertThat(traffic.inSequence()).as(traffic.trace()).isEqualTo(2);
  }

  @Test
  void aQueryRepeatedWhileNothingNewWasCommittedCostsNothing() throws Exception {
    String scan = "SELECT sum(length(a)) FROM t;";
    try (DelayProxy proxy = DelayProxy.start(URI.create(S3Host.server().endpoint()), Latency.NONE);
        PythonTalk python =
            new PythonTalk(S3Host.environment(proxy.endpoint() + "", "shop/large"))) {
      assertThat(python.openAnd(scan)).isEqualTo("4000000\n");
      proxy.reset();
      assertThat(python.ask(scan) + python.ask(ONE_ROW)).isEqualTo("4000000\n1000\n");
      assertThat(proxy.traffic().requests()).as(proxy.traffic().trace()).isZero();
    }
  }

  @Test
  void aPrivateAuthorityIsTrustedByItsFileAndAnUnknownOneIsAnErrorThatNamesTheCure()
      throws Exception {
    Path buckets = folder.resolve("buckets");
    Files.createDirectories(buckets.resolve("shop"));
    try (S3Server secure = S3Server.builder().folder(buckets).tls().start()) {
      copyReplica(folder.resolve("small"), buckets.resolve("shop/small"));
      Map<String, String> environment = S3Host.environment(secure.endpoint(), "shop/small");
      String authority = secure.authority().toString();
      for (String variable : List.of("SSL_CERT_FILE", "AWS_CA_BUNDLE")) {
        assertThat(S3Host.sqlite3(S3Host.with(environment, variable, authority), ONE_ROW))
            .isEqualTo(new Host.Result(0, "1000\n", ""));
      }
      refused(environment).contains("certificate", "not trusted", "SSL_CERT_FILE", "AWS_CA_BUNDLE");
    }
  }

  private static void copyReplica(Path from, Path to) throws Exception {
    Files.createDirectories(to);
    try (Stream<Path> levels = Files.list(from.resolve("ltx"))) {
      for (Path level : levels.toList()) {
        String target = to + "/000" + level.getFileName();
        Host.run(Map.of(), "", List.of("cp", "-r", level.toString(), target));
      }
    }
  }

  @Test
  void wrongCredentialsAreNamedByTheirVariableAndNotShown() throws Exception {
    Map<String, String> environment = S3Host.environment(S3Host.server().endpoint(), "shop/small");
    refused(S3Host.with(environment, "AWS_SECRET_ACCESS_KEY", "not-the-secret"))
        .contains("AWS_SECRET_ACCESS_KEY");
    refused(S3Host.with(environment, "AWS_ACCESS_KEY_ID", "not-the-key"))
        .contains("AWS_ACCESS_KEY_ID");
  }

  @Test
  void aMissingBucketIsNamed() throws Exception {
    refused(S3Host.environment(S3Host.server().endpoint(), "no-such-bucket/x"))
        .contains("There is no bucket no-such-bucket", S3Host.server().endpoint());
  }

  @Test
  void anEmptyPrefixIsAnErrorAtOnceThatNamesTheReplica() throws Exception {
    refused(S3Host.environment(S3Host.server().endpoint(), "shop/nothing/here"))
        .contains("There is no replica at s3://shop/nothing/here");
  }

  @Test
  void anEndpointWhereNobodyListensIsNamed() throws Exception {
    try (FaultProxy proxy = new FaultProxy(0)) {
      proxy.set(new FaultProxy.Fault.Refuse());
      refused(S3Host.environment(proxy.endpoint(), "shop/small"))
          .contains("nothing listens there", proxy.endpoint());
    }
  }

  @Test
  void aWriteIsRefusedAsReadOnlyAndTheJournalModeStaysAsItIs() throws Exception {
    Host.Result result =
        S3Host.sqlite3(
            S3Host.environment(S3Host.server().endpoint(), "shop/small"),
            ".bail off",
            "PRAGMA journal_mode = WAL;",
            "DELETE FROM t;",
            ONE_ROW);
    assertThat(result.out()).isEqualTo("delete\n1000\n");
    assertThat(result.err())
        .contains("attempt to write a readonly database", "a replica is opened for reading only");
  }

  /** What the sqlite3 program says to an open that fails. */
  private static org.assertj.core.api.AbstractStringAssert<?> refused(
      Map<String, String> environment) throws Exception {
    Host.Result result = S3Host.sqlite3(environment, ONE_ROW);
    assertThat(result.out()).isEmpty();
    assertThat(result.exit()).isNotZero();
    return assertThat(result.err()).contains("unable to open database");
  }

  /** The requests that one process of the sqlite3 program makes for some statements. */
  private static Traffic trafficOf(String replica, String rows, String... statements)
      throws Exception {
    try (DelayProxy proxy = DelayProxy.start(URI.create(S3Host.server().endpoint()), APART)) {
      Map<String, String> environment =
          S3Host.environment(proxy.endpoint().toString(), "shop/" + replica);
      assertThat(S3Host.sqlite3(environment, statements)).isEqualTo(new Host.Result(0, rows, ""));
      return proxy.traffic();
    }
  }
}
