package dev.rivulet.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the replicas lie that Litestream itself wrote, with the checksums of what it restores. */
public final class GoldenReplicas {
  /** What a test without them says. */
  public static final String ABSENT =
      "The golden replicas are not there: no shared/fixtures in a folder above this one. Name"
          + " their folder by -Drivulet.fixtures=... to run this test.";

  private static final String PROPERTY = "rivulet.fixtures";

  private GoldenReplicas() {}

  /** The folder named by {@code -Drivulet.fixtures}, else the next one above this; or nothing. */
  public static Optional<Path> folder() {
    String given = System.getProperty(PROPERTY);
    if (given != null) {
      return Optional.of(Path.of(given));
    }
    for (Path p = Path.of("").toAbsolutePath(); p != null; p = p.getParent()) {
      Path candidate = p.resolve("shared").resolve("fixtures");
      if (Files.isDirectory(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }
}
