package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RangePlannerTest {
  /** All frames are of one length, for all pages are zeros. */
  private final IndexedFile file = Lab.nowhere(64, 1, IntStream.rangeClosed(1, 64).toArray());

  private final int frame = file.index().size(0);

  @ParameterizedTest(name = "frames {0}, gap {1}, piece {2}: {3}")
  @CsvSource({
    "'',            0, 64, ''",
    "'5',           0, 64, '5-6'",
    "'5 6 7',       0, 64, '5-8'",
    "'7 5 6',       0, 64, '5-8'",
    "'5 7',         0, 64, '5-6 7-8'",
    "'5 7',         1, 64, '5-8'",
    "'5 8',         1, 64, '5-6 8-9'",
    "'5 8 9 12',    2, 64, '5-13'",
    "'0 1 2 3 4 5', 0, 4,  '0-4 4-6'",
    "'0 1 2 3 4 5', 0, 1,  '0-1 1-2 2-3 3-4 4-5 5-6'",
    "'0 3 4',       9, 4,  '0-4 4-5'",
    "'62 63',       0, 64, '62-64'",
  })
  void neighboursBecomeOneRangeAndLongRangesAreSplit(
      String wanted, int gap, int piece, String ranges) {
    List<FrameRef> frames = new ArrayList<>();
    for (String rank : wanted.split(" ", -1)) {
      if (!rank.isEmpty()) {
        frames.add(new FrameRef(file, Integer.parseInt(rank)));
      }
    }
    StringBuilder text = new StringBuilder();
    for (RangePlanner.Range range :
        RangePlanner.plan(frames, (long) gap * frame, (long) piece * frame)) {
      text.append(text.isEmpty() ? "" : " ").append(range.first()).append('-').append(range.end());
    }
    assertThat(text.toString()).isEqualTo(ranges);
  }

  @Test
  void framesOfDifferentFilesNeverShareARange() {
    IndexedFile other = Lab.nowhere(64, 2, 5, 6);
    List<RangePlanner.Range> ranges =
        RangePlanner.plan(
            List.of(new FrameRef(other, 0), new FrameRef(file, 4), new FrameRef(other, 1)),
            1 << 20,
            1 << 20);
    assertThat(ranges)
        .containsExactlyInAnyOrder(
            new RangePlanner.Range(file, 4, 5, List.of(4)),
            new RangePlanner.Range(other, 0, 2, List.of(0, 1)));
  }
}
