package dev.rivulet.host;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A Java host that ends in one way or another. */
final class EndingProgram {
  private static final long OTHER_HOOKS_MILLIS = 300;

  /** After that the threads of aws-crt are taken to stay; its exit handler then waits a second. */
  private static final long STAY_MILLIS = 10_000;

  /** What the program does with its connection. */
  enum Way {
    CLOSES_IT,
    LEAVES_IT_OPEN,
    /** As a server that answers what it has begun, and then closes its pool. */
    ASKS_IN_A_SHUTDOWN_HOOK,
    /** As a pool without idle connections, asked for one more. */
    OPENS_ANOTHER_IN_A_SHUTDOWN_HOOK
  }

  private EndingProgram() {}

  /**
   * Runs it; its output is the answers to both queries and, where the connection is closed in the
   * end, how many threads of aws-crt are left then.
   */
  static Host.Result run(Map<String, String> environment, Way way, String first, String second)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(System.getProperty("java.home") + "/bin/java");
    command.addAll(
        List.of(
            "-XX:TieredStopAtLevel=1",
            "-Dslf4j.internal.verbosity=ERROR",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            EndingProgram.class.getName(),
            "jdbc:rivulet:" + environment.get("LITESTREAM_REPLICA_URL"),
            way.name(),
            first,
            second));
    return S3Host.run(environment, "", command);
  }

  public static void main(String[] args) throws Exception {
    String url = args[0];
    Way way = Way.valueOf(args[1]);
    Connection connection = DriverManager.getConnection(url);
    print(connection, args[2]);
    switch (way) {
      case LEAVES_IT_OPEN -> print(connection, args[3]);
      case CLOSES_IT -> {
        print(connection, args[3]);
        connection.close();
        atEnd(() -> {});
      }
      case ASKS_IN_A_SHUTDOWN_HOOK -> atEnd(() -> ask(connection, args[3]));
      case OPENS_ANOTHER_IN_A_SHUTDOWN_HOOK -> {
        connection.close();
        atEnd(() -> ask(DriverManager.getConnection(url), args[3]));
      }
    }
  }

  private interface Task {
    void run() throws SQLException;
  }

  private static void atEnd(Task task) {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> {
              try {
                // By then the hooks of aws-crt and of the driver have run.
                Thread.sleep(OTHER_HOOKS_MILLIS);
                task.run();
                awaitThreads();
              } catch (SQLException | IOException | InterruptedException e) {
                System.out.println(e);
              }
            }));
  }

  private static void awaitThreads() throws IOException, InterruptedException {
    long began = System.nanoTime();
    while (threads() > 0
        && TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began) < STAY_MILLIS) {
      Thread.sleep(10);
    }
    System.out.println(threads() + " threads");
  }

  private static int threads() throws IOException {
    int left = 0;
    try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/proc/self/task"))) {
      for (Path thread : all) {
        left += name(thread).startsWith("AwsEventLoop") ? 1 : 0;
      }
    }
    return left;
  }

  private static String name(Path thread) {
    try {
      return Files.readString(thread.resolve("comm"));
    } catch (IOException e) {
      return ""; // It has ended since.
    }
  }

  private static void ask(Connection connection, String sql) throws SQLException {
    try (connection) {
      print(connection, sql);
    }
  }

  private static void print(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      rows.next();
      System.out.println(rows.getString(1));
    }
  }
}
