package dev.rivulet.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GeneratedDatabaseTest {

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 342})
  void sqliteFindsNothingWrongAndEveryRow(int bottomInteriors) throws Exception {
    int leaves = bottomInteriors * GeneratedDatabase.FAN_OUT;
    // Trees of height 1, 2 and 3; values of the first and the last row, and of one in between.
    int rowsToRead = leaves > 10_000 ? 20_000 : leaves;
    GeneratedDatabase database = new GeneratedDatabase(leaves, leaf -> 7L * leaf);
    Path file = write(database);
    assertThat(sqlite(file, "PRAGMA integrity_check; SELECT count(*) FROM entries;"))
        .isEqualTo("ok\n" + database.rows());
    for (long id : new long[] {1, rowsToRead, database.rows()}) {
      assertThat(sqlite(file, "SELECT rtrim(value, '.') FROM entries WHERE id = " + id + ";"))
          .isEqualTo(database.value(id));
    }
  }

  @Test
  void aLeafIsFoundWhereItWasPut() {
    GeneratedDatabase database = GeneratedReplica.tenGigabytes();
    assertThat(database.commit()).isEqualTo(2_606_630);
    for (int leaf : new int[] {0, 1, 339, 340, 115_599, 115_600, 1_000_000, 2_598_959}) {
      byte[] page = database.page(database.pgnoOfLeaf(leaf), 1);
      assertThat(page[0]).isEqualTo((byte) 0x0d);
      assertThat(new String(page, StandardCharsets.US_ASCII))
          .contains(database.value(leaf * 3L + 1), database.value(leaf * 3L + 3));
    }
  }

  private Path write(GeneratedDatabase database) throws IOException {
    Path file = folder.resolve("generated.db");
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int pgno = 1; pgno <= database.commit(); pgno++) {
        out.write(
            GeneratedDatabase.isLockPage(pgno)
                ? new byte[GeneratedDatabase.PAGE_SIZE]
                : database.page(pgno, 1));
      }
    }
    return file;
  }

  private static String sqlite(Path file, String sql) throws Exception {
    Process process =
        new ProcessBuilder("sqlite3", "-batch", file.toString(), sql)
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(out).isZero();
    return out.strip();
  }
}
