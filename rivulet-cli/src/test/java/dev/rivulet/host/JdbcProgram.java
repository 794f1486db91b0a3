package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.List;
import java.util.Map;

/**
 * A Java host: runs the statements of its standard input, one a line, on a JDBC URL and prints
 * their rows as the {@code sqlite3} program does. Credentials come by its environment, which the
 * process of the tests cannot set for itself.
 */
final class JdbcProgram {
  private JdbcProgram() {}

  static Host.Result run(String url, Map<String, String> environment, String... statements)
      throws Exception {
    Path temporary = Files.createTempDirectory("jdbc-program");
    temporary.toFile().deleteOnExit();
    Host.Result result = run(url, environment, "-Djava.io.tmpdir=" + temporary, statements);
    assertThat(HydratedReplica.names(temporary))
        .as("what was unpacked")
        .noneMatch(name -> name.startsWith("rivulet-"));
    return result;
  }

  private static Host.Result run(
      String url, Map<String, String> environment, String option, String[] statements)
      throws Exception {
    return S3Host.run(
        environment,
        String.join("\n", statements) + "\n",
        List.of(
            System.getProperty("java.home") + "/bin/java",
            "-XX:TieredStopAtLevel=1",
            // That nobody set up logging is no news here.
            "-Dslf4j.internal.verbosity=ERROR",
            "--enable-native-access=ALL-UNNAMED",
            option,
            "-cp",
            System.getProperty("java.class.path"),
            JdbcProgram.class.getName(),
            "jdbc:rivulet:" + url));
  }

  public static void main(String[] args) throws Exception {
    try (Connection connection = DriverManager.getConnection(args[0]);
        Statement statement = connection.createStatement();
        BufferedReader in =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String sql = in.readLine(); sql != null; sql = in.readLine()) {
        try (ResultSet rows = statement.executeQuery(sql)) {
          int columns = rows.getMetaData().getColumnCount();
          while (rows.next()) {
            StringBuilder line = new StringBuilder();
            for (int i = 1; i <= columns; i++) {
              line.append(i == 1 ? "" : "|").append(rows.getString(i));
            }
            System.out.println(line);
          }
        }
      }
    }
  }
}
