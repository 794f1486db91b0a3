package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TemporaryFileTest {
  @TempDir Path folder;

  private static byte[] read(TemporaryFile file, long at, long length) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    file.read(at, length, read::write);
    return read.toByteArray();
  }

  @Test
  void whatWasWrittenIsReadAndNothingStaysBehind() throws IOException {
    TemporaryFile file = TemporaryFile.in(List.of(folder));
    assertThat(folder).isEmptyDirectory();
    byte[] bytes = new byte[200_000];
    new Random(1).nextBytes(bytes);
    file.write(bytes, 0, 100_000, 1_000_000);
    file.write(bytes, 100_000, 100_000, 1_100_000);
    assertThat(read(file, 1_000_000, 200_000)).isEqualTo(bytes);
    assertThat(read(file, 1_099_999, 3)).isEqualTo(Arrays.copyOfRange(bytes, 99_999, 100_002));
    assertThat(file.room()).isPositive();
    file.empty();
    assertThatThrownBy(() -> read(file, 1_000_000, 1))
        .hasMessage("the temporary file is shorter than it was");
  }

  @Test
  void theFirstFolderThatLetsUsIsTaken() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    Path other = Files.createDirectory(folder.resolve("other"));
    TemporaryFile made = TemporaryFile.in(List.of(folder.resolve("none"), file, other));
    made.write(new byte[] {7}, 0, 1, 0);
    assertThat(read(made, 0, 1)).containsExactly(7);
  }

  @Test
  void whereThereIsNoneTheMessageSaysWhy() {
    Path none = folder.resolve("none");
    assertThatThrownBy(() -> TemporaryFile.in(List.of(none)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("no temporary file in " + none)
        .hasMessageContaining("No such file or directory");
    assertThatThrownBy(() -> TemporaryFile.in(List.of()))
        .hasMessage("there is no folder for temporary files");
  }
}
