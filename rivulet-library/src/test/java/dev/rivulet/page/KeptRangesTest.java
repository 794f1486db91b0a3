package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Ranges of a file with frames of 4 kB; a request more is worth 66 kB. */
class KeptRangesTest {
  private final Lab lab = new Lab(Lab.dense(200));
  private final IndexedFile file = lab.index(lab.replica.file(0, 1, 1));
  private final DiskCache disk = DiskCaches.of(1 << 20);
  private final KeptRanges kept = new KeptRanges(disk, new FetchCosts(Lab.FAR, 32 << 20));

  private void keep(int first, int end) {
    int bytes =
        (int)
            (file.index().offset(end - 1)
                + file.index().size(end - 1)
                - file.index().offset(first));
    KeptRange range = Objects.requireNonNull(disk.keep(file, first, end, bytes, false));
    range.write(new byte[bytes], 0, bytes);
    range.written();
  }

  private RangePlanner.Range range(int first, int end) {
    return new RangePlanner.Range(file, first, end, IntStream.range(first, end).boxed().toList());
  }

  /** The parts of a range, as {@code first-last}; in brackets what is kept. */
  private List<String> parts(RangePlanner.Range range) {
    List<String> parts = new ArrayList<>();
    for (RangePlanner.Range part : kept.partsOf(List.of(range))) {
      assertThat(part.wanted().getFirst()).isEqualTo(part.first());
      assertThat(part.wanted().getLast()).isEqualTo(part.end() - 1);
      String text = part.first() + "-" + (part.end() - 1);
      parts.add(disk.keptTo(file, part.first()) >= part.end() ? "(" + text + ")" : text);
    }
    return parts;
  }

  @Test
  void whereNothingIsKeptRangesAreWhole() {
    assertThat(parts(range(10, 20))).containsExactly("10-19");
    assertThat(new KeptRanges(null, new FetchCosts(Lab.FAR, 32 << 20)).room()).isZero();
    assertThat(kept.room()).isEqualTo(1 << 20);
  }

  @Test
  void whatIsKeptIsNotFetchedAgain() {
    keep(10, 20);
    assertThat(parts(range(10, 20))).containsExactly("(10-19)");
    assertThat(parts(range(12, 14))).containsExactly("(12-13)");
    assertThat(parts(range(5, 20))).containsExactly("5-9", "(10-19)");
    assertThat(parts(range(10, 25))).containsExactly("(10-19)", "20-24");
  }

  @Test
  void eachPartLiesInOneKeptRange() {
    keep(10, 20);
    keep(20, 30);
    assertThat(parts(range(15, 40))).containsExactly("(15-19)", "(20-29)", "30-39");
  }

  @Test
  void aRangeIsPartedInTheMiddleOnlyIfThatSavesMoreThanTheRequestCosts() {
    keep(10, 20);
    keep(50, 80);
    assertThat(parts(range(5, 25))).containsExactly("5-24");
    assertThat(parts(range(5, 90))).containsExactly("5-49", "(50-79)", "80-89");
  }

  @Test
  void onlyWhatIsWantedCounts() {
    keep(12, 18);
    RangePlanner.Range range = new RangePlanner.Range(file, 10, 31, List.of(10, 12, 17, 30));
    assertThat(kept.partsOf(List.of(range))).containsExactly(range);
    range = new RangePlanner.Range(file, 10, 31, List.of(10, 30));
    assertThat(kept.partsOf(List.of(range))).containsExactly(range);
    range = new RangePlanner.Range(file, 12, 31, List.of(12, 17, 30));
    assertThat(parts(range)).containsExactly("(12-17)", "30-30");
  }

  @Test
  void aScanLeavesNoHoleThatCostsLessThanARequest() {
    KeptRanges large = new KeptRanges(disk, new FetchCosts(Lab.FAR, 1 << 19));
    PageMap live = PageMap.EMPTY.with(file);
    List<RangePlanner.Range> ranges = List.of(range(10, 20), range(30, 40), range(70, 80));
    assertThat(kept.partsOfScan(ranges, live, null))
        .as("of what the cache can hold")
        .isEqualTo(ranges);
    RangePlanner.Range longer = new RangePlanner.Range(file, 20, 40, range(30, 40).wanted());
    assertThat(large.partsOfScan(ranges, live, null))
        .containsExactly(range(10, 20), longer, range(70, 80));
    keep(20, 22);
    assertThat(large.partsOfScan(ranges, live, null)).isEqualTo(ranges);
    keep(70, 80);
    assertThat(large.partsOfScan(List.of(range(65, 70), range(72, 80)), live, null))
        .containsExactly(range(65, 70), range(72, 80));
  }

  @Test
  void norWhereItGoesOn() {
    KeptRanges large = new KeptRanges(disk, new FetchCosts(Lab.FAR, 1 << 19));
    PageMap live = PageMap.EMPTY.with(file);
    List<RangePlanner.Range> next = List.of(range(30, 40));
    assertThat(large.partsOfScan(next, live, new FrameRef(file, 24)))
        .containsExactly(new RangePlanner.Range(file, 25, 40, range(30, 40).wanted()));
    assertThat(large.partsOfScan(next, live, new FrameRef(file, 29))).isEqualTo(next);
    assertThat(large.partsOfScan(next, live, new FrameRef(file, 4)))
        .as("too far behind")
        .isEqualTo(next);
    assertThat(large.partsOfScan(next, live, new FrameRef(file, 50)))
        .as("it goes on before")
        .isEqualTo(next);
  }

  @Test
  void aLookupOfWhatIsKeptReadsNothingElse() {
    keep(10, 20);
    assertThat(kept.around(new FrameRef(file, 12), range(8, 30)))
        .isEqualTo(new RangePlanner.Range(file, 12, 13, List.of(12)));
    assertThat(kept.around(new FrameRef(file, 25), range(21, 30))).isEqualTo(range(21, 30));
  }
}
