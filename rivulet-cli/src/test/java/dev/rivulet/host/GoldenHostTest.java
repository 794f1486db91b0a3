package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The golden replicas, which Litestream made, as a host sees them: the bytes of the database, read
 * through SQLite, are those that Litestream restores. They are {@code shared/fixtures} in a folder
 * above this project, or where {@code -Drivulet.fixtures=...} says.
 */
@Tag("host")
class GoldenHostTest {
  /** 1.1 GB: more than an image in memory should have. */
  private static final String HUGE = "lockpage";

  static List<Path> replicas() throws IOException {
    try (Stream<Path> children = Files.list(fixtures())) {
      return children
          .filter(child -> Files.exists(child.resolve("manifest.json")))
          .filter(child -> !child.endsWith(HUGE))
          .sorted()
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("replicas")
  void pythonSerializesWhatLitestreamRestores(Path fixture) throws Exception {
    Host.Result result =
        Host.python(
            Map.of(
                "LITESTREAM_REPLICA_URL",
                "file://" + fixture.resolve("replica"),
                "MANIFEST",
                fixture.resolve("manifest.json").toString()),
            """
            import hashlib, json
            newest = json.load(open(os.environ['MANIFEST']))['latest']
            load()
            image = bytearray(connect().serialize())
            # What depends on who presents the file, as the manifests leave it out.
            for start, length in ((18, 2), (24, 4), (92, 4)): image[start:start + length] = bytes(length)
            print(len(image) - newest['size'], hashlib.sha256(image).hexdigest() == newest['sha256'])
            """);
    assertThat(result).isEqualTo(new Host.Result(0, "0 True\n", ""));
  }

  private static Path fixtures() {
    String given = System.getProperty("rivulet.fixtures");
    if (given != null) {
      return Path.of(given);
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path candidate = p.resolve("shared").resolve("fixtures");
      if (Files.isDirectory(candidate)) {
        return candidate;
      }
    }
    return Assumptions.abort(
        "The golden replicas are not there: no shared/fixtures in a folder above this one. Name"
            + " their folder by -Drivulet.fixtures=... to run this test.");
  }
}
