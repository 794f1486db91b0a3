package dev.rivulet.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OpenRequestTest {
  @Test
  void nameAndParametersAreTakenApart() {
    OpenRequest request = parse("s3://b/my.db\0vfs\0litestream\0time\0\0");
    assertThat(request.name()).isEqualTo("s3://b/my.db");
    assertThat(request.parameters())
        .containsExactly(java.util.Map.entry("vfs", "litestream"), java.util.Map.entry("time", ""));
  }

  @Test
  void aNameWithoutParametersHasNone() {
    assertThat(parse("my.db\0").parameters()).isEmpty();
  }

  @Test
  void theFirstOfTwoParametersCountsAsForSqlite() {
    assertThat(parse("x\0a\u00001\0a\u00002\0").parameters()).containsEntry("a", "1").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"1,true", "on,true", "YES,true", "0,false", "off,false", "no,false", "'',false"})
  void aFlagIsReadAsSqliteReadsIt(String value, boolean set) {
    assertThat(parse("x\0immutable\0" + value + "\0").flag("immutable")).isEqualTo(set);
  }

  @ParameterizedTest
  @CsvSource({
    "s3://key:secret@bucket/path?token=x, s3://bucket/path",
    "sftp://me@host, sftp://host",
    "s3://bucket/a@b, s3://bucket/a@b",
    "my.db, my.db",
    "s3://u:p@ss@h/x, s3://h/x"
  })
  void aDisplayedNameHasNoSecrets(String name, String shown) {
    assertThat(ReplicaName.withoutSecrets(name)).isEqualTo(shown);
  }

  private static OpenRequest parse(String text) {
    return OpenRequest.parse(text.getBytes(StandardCharsets.UTF_8));
  }
}
