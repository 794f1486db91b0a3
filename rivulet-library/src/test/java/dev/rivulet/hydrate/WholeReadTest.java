package dev.rivulet.hydrate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.ChecksumPart;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.replica.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** What a restarted process takes over of a file that is read whole. */
class WholeReadTest {
  private static final int PAGES = 200;
  private static final long BYTES = 2_000;

  private final IndexedFile file = file();

  private static IndexedFile file() {
    ReplicaBuilder replica = new ReplicaBuilder(512);
    replica.touch(PAGES);
    ReplicaPages pages = new ReplicaPages(replica.store(), new PageCache(1 << 20));
    return pages.load(new Plan(List.of(replica.file(0, 1, 1)))).join().getFirst();
  }

  private static WholeRead.Part part(int first, int end) {
    return new WholeRead.Part(first, end, new ChecksumPart.Sum(first, end), 0);
  }

  private List<Integer> missing(WholeRead read) {
    List<Integer> ranks = new ArrayList<>();
    for (WholeRead.Piece piece : read.missing()) {
      MissingRanges.Range range = piece.range();
      assertThat(range.bytes()).isLessThan(2 * BYTES);
      for (int rank = range.first(); rank < range.end(); rank++) {
        ranks.add(rank);
      }
    }
    for (int rank = 0; rank < PAGES; rank++) {
      assertThat(read.isMissing(rank)).as("rank %d", rank).isEqualTo(ranks.contains(rank));
    }
    return ranks;
  }

  @Test
  void withoutPartsAllOfItIsMissing() {
    assertThat(missing(new WholeRead(file, BYTES))).hasSize(PAGES);
    assertThat(new WholeRead(file, BYTES).missing()).hasSizeGreaterThan(5);
  }

  @Test
  void whatWasReadIsNotReadAgain() {
    List<WholeRead.Part> parts = List.of(part(0, 3), part(50, 90), part(90, 91), part(190, PAGES));
    WholeRead read = Objects.requireNonNull(WholeRead.resume(file, parts, BYTES));
    assertThat(read.parts()).isEqualTo(parts);
    assertThat(missing(read))
        .hasSize(PAGES - 3 - 40 - 1 - 10)
        .startsWith(3)
        .contains(49, 91, 189)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  void partsThatDoNotFitTheFileAreNotTakenOver() {
    assertThat(WholeRead.resume(file, List.of(part(0, PAGES + 1)), BYTES)).isNull();
    assertThat(WholeRead.resume(file, List.of(part(-1, 5)), BYTES)).isNull();
    assertThat(WholeRead.resume(file, List.of(part(5, 5)), BYTES)).isNull();
    assertThat(WholeRead.resume(file, List.of(part(9, 5)), BYTES)).isNull();
    assertThat(WholeRead.resume(file, List.of(part(0, 9), part(8, 12)), BYTES)).isNull();
  }
}
