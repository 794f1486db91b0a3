package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.SqliteFiles;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaPagesTest {
  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65536})
  void theRootsOfARealSchemaAreFound(int pageSize) {
    SqliteFiles.Database database =
        SqliteFiles.make(
            pageSize,
            "CREATE TABLE a (x)",
            "CREATE TABLE b (y UNIQUE)",
            "CREATE INDEX c ON a (x)",
            "CREATE VIEW d AS SELECT 1");
    byte[] page = Arrays.copyOf(database.bytes(), pageSize);
    int[] expected =
        database.roots().values().stream().filter(r -> r > 1).mapToInt(r -> r).toArray();
    assertThat(expected).hasSize(4);
    assertThat(SchemaPages.roots(page, 100, 16)).containsExactlyInAnyOrder(expected);
    assertThat(SchemaPages.roots(page, 100, 2)).hasSize(2);
  }

  @Test
  void anInteriorPageOfALongSchemaNamesItsChildrenInstead() {
    String[] tables = new String[60];
    for (int i = 0; i < tables.length; i++) {
      tables[i] = "CREATE TABLE a_table_with_a_long_name_" + i + " (x, y, z)";
    }
    byte[] page = Arrays.copyOf(SqliteFiles.make(512, tables).bytes(), 512);
    assertThat(SchemaPages.roots(page, 100, 16)).isEmpty();
    assertThat(TreeHints.children(page, 100)).isNotNull().hasSizeGreaterThan(1);
  }

  @Test
  void damagedPagesGiveFewerRootsAndNeverAnException() {
    byte[] good =
        Arrays.copyOf(
            SqliteFiles.make(512, "CREATE TABLE a (x)", "CREATE TABLE b (y)").bytes(), 512);
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 100_000; i++) {
      byte[] page = good.clone();
      for (int flips = 1 + random.nextInt(12); flips > 0; flips--) {
        int at = 100 + random.nextInt(412);
        page[at] = (byte) (random.nextBoolean() ? 0xff : random.nextInt());
      }
      page[100] = 13;
      assertThat(SchemaPages.roots(page, 100, 16)).as("seed %d", seed).hasSizeLessThanOrEqualTo(16);
    }
  }

  @Test
  void aRecordHeaderAsLongAsALongCanSayIsNoRoot() {
    byte[] page = new byte[512];
    page[0] = 13;
    page[4] = 1; // one cell
    page[8] = 1; // at 256
    int at = 256;
    page[at++] = 1;
    page[at++] = 1;
    // Header lengths near 2^63: added to where the record begins, they overflow to small indexes.
    for (int i = 0; i < 8; i++) {
      page[at++] = (byte) (i == 0 ? 0xbf : 0xff);
    }
    int ninth = at++;
    page[at++] = 0;
    page[at++] = 0;
    page[at++] = 0;
    page[at] = 4;
    for (int last = 0; last < 3 * 256; last++) {
      page[ninth - 1] = (byte) (0xfd + last / 256);
      page[ninth] = (byte) last;
      assertThat(SchemaPages.roots(page, 0, 16)).isEmpty();
    }
  }
}
