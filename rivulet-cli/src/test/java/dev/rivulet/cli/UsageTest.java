package dev.rivulet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  static List<Command> commands() {
    return Main.COMMANDS;
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpThatNamesItsOptions(Command command) {
    Ran ran = Ran.inProcess(command.name(), "--help");

    assertThat(ran.code()).isZero();
    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).startsWith("Usage: rivulet " + command.name());
    for (Option option : command.options()) {
      assertThat(ran.out()).contains("  " + option.label() + "  ");
    }
    assertThat(ran.out().lines()).allMatch(line -> line.length() <= 100);
    assertThat(Ran.inProcess("help", command.name())).isEqualTo(ran);
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "-h", "help"})
  void helpListsTheCommands(String word) {
    Ran ran = Ran.inProcess(word);

    assertThat(ran.code()).isZero();
    for (Command command : Main.COMMANDS) {
      assertThat(ran.out()).contains("  " + command.name() + "  ");
    }
  }

  @Test
  void versionIsThatOfTheBuild() {
    assertThat(Ran.inProcess("--version").out()).matches("rivulet \\d+\\.\\d+\\.\\d+.*\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "resotre",
        "--wrong",
        "info",
        "info a b",
        "info --wrong file:///x",
        "info --json=yes file:///x",
        "info --json --json file:///x",
        "restore file:///x",
        "restore file:///x -o",
        "restore -o out.db",
        "restore file:///x -o /",
        "restore file:///x -o out.db --txid xyz",
        "restore file:///x -o out.db --txid 0",
        "restore file:///x -o out.db --txid 00000000000000001",
        "restore file:///x -o out.db --timestamp tomorrow",
        "restore file:///x -o out.db --timestamp 2026-01-32",
        "restore file:///x -o out.db --timestamp 2026-01-01T00:00:00Z --txid 1",
        "restore file:///x -o out.db -o other.db",
        "demo now",
        "shell"
      })
  void wrongUseIsCode2AndAHint(String line) {
    Ran ran = Ran.inProcess(line.isEmpty() ? new String[0] : line.split(" "));

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("rivulet: ").contains("--help\"");
  }

  @Test
  void litestreamsSingleDashIsUnderstood() {
    Ran ran = Ran.inProcess("restore", "-txid", "zz", "-o=out.db", "file:///x");

    assertThat(ran.err()).contains("--txid: \"zz\" is no TXID");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bucket/path",
        "gs://bucket/path",
        "nonsense://bucket/path",
        "s3://key:s3cr3t@bucket/path",
        "s3://bucket/path?sse-customer-key=s3cr3t&wrong=1",
        "file:///nowhere-at-all"
      })
  void aUrlThatLeadsNowhereIsAnErrorWithoutSecrets(String url) {
    Ran ran = Ran.inProcess("info", url);

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("rivulet: ").doesNotContain("s3cr3t").endsWith("\n");
    assertThat(ran.err().lines()).hasSize(1);
  }

  @Test
  void aMisplacedUrlIsNotQuoted() {
    Ran ran = Ran.inProcess("info", "file:///x", "s3://key:s3cr3t@bucket");

    assertThat(ran.code()).isEqualTo(2);
    assertThat(ran.err()).doesNotContain("s3cr3t");
  }

  @Test
  void aWrongLogLevelIsNamed() {
    Ran ran =
        Ran.inProcess(false, java.util.Map.of("LITESTREAM_LOG_LEVEL", "LOUD"), "info", "file:///x");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("LITESTREAM_LOG_LEVEL");
  }
}
