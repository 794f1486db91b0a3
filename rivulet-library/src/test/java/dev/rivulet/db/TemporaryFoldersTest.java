package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TemporaryFoldersTest {
  private static final Path[] USUAL = {Path.of("/var/tmp"), Path.of("/usr/tmp"), Path.of("/tmp")};

  @Test
  void theyComeInTheOrderOfSqlite() {
    Map<String, String> variables = Map.of("TMPDIR", "/t", "SQLITE_TMPDIR", "/s");
    assertThat(TemporaryFolders.of(variables::get))
        .containsExactly(Path.of("/s"), Path.of("/t"), USUAL[0], USUAL[1], USUAL[2]);
  }

  @Test
  void whatIsNotSetOrNoPathIsLeftOut() {
    assertThat(TemporaryFolders.of(name -> null)).containsExactly(USUAL);
    Map<String, String> variables = Map.of("TMPDIR", "", "SQLITE_TMPDIR", "/a\0b");
    assertThat(TemporaryFolders.of(variables::get)).containsExactly(USUAL);
  }
}
