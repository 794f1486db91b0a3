package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** {@link FrameIndex} against a plain list of the same frames. */
class FrameIndexTest {
  private record Entry(int pgno, long offset, int size) {}

  static Stream<Arguments> shapes() {
    int lock64k = PageSize.lockPage(65536);
    return Stream.of(
        shape("empty", 4096, run(1, 0, 0)),
        shape("one page", 4096, run(1, 1, 0)),
        shape("a block", 4096, run(1, 64, 0)),
        shape("a block and one", 4096, run(1, 65, 0)),
        shape("a whole small database", 512, run(1, 5000, 0)),
        shape("a run that does not begin at 1", 4096, run(1000, 700, 0)),
        shape("a run over the lock page", 65536, run(1, 20000, lock64k)),
        shape("a run up to the lock page", 65536, run(16300, 85, lock64k)),
        shape("a run from behind the lock page", 65536, run(lock64k + 1, 500, lock64k)),
        shape("gaps", 4096, sparse(3000, 1 << 20)),
        shape("a few pages far apart", 8192, List.of(1, 2, 3, 90, Integer.MAX_VALUE)),
        shape("a gap exactly at the lock page's side", 65536, List.of(16383, 16386, 16387)));
  }

  private static Arguments shape(String name, int pageSize, List<Integer> pgnos) {
    return Arguments.of(name, pageSize, pgnos);
  }

  private static List<Integer> run(int first, int count, int lockPage) {
    var pgnos = new ArrayList<Integer>();
    for (int pgno = first; pgnos.size() < count; pgno++) {
      if (pgno != lockPage) {
        pgnos.add(pgno);
      }
    }
    return pgnos;
  }

  private static List<Integer> sparse(int count, int below) {
    var pgnos = new TreeSet<Integer>();
    var random = new Random(3);
    while (pgnos.size() < count) {
      pgnos.add(1 + random.nextInt(below));
    }
    return List.copyOf(pgnos);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void everyQuestionIsAnsweredAsByAPlainList(String name, int pageSize, List<Integer> pgnos) {
    var random = new Random(4);
    var builder = new FrameIndexBuilder(pageSize);
    var entries = new ArrayList<Entry>();
    long offset = LtxHeader.SIZE;
    for (int pgno : pgnos) {
      int size = Frames.MIN_SIZE + random.nextInt(Frames.maxSize(pageSize) - Frames.MIN_SIZE + 1);
      builder.add(pgno, size);
      entries.add(new Entry(pgno, offset, size));
      offset += size;
    }
    FrameIndex index = builder.build();

    assertThat(index.count()).isEqualTo(entries.size());
    assertThat(index.framesEnd()).isEqualTo(offset);
    int lockPage = PageSize.lockPage(pageSize);
    assertThat(index.rank(lockPage)).isEqualTo(-1);
    assertThat(index.rank(0)).isEqualTo(-1);
    assertThat(index.rank(-1)).isEqualTo(-1);
    assertThat(index.rankAtOffset(0)).isZero();
    assertThat(index.rankAtOffset(offset)).isEqualTo(entries.size());
    assertThat(index.rankAtOffset(Long.MAX_VALUE)).isEqualTo(entries.size());
    for (int rank = 0; rank < entries.size(); rank++) {
      Entry entry = entries.get(rank);
      assertThat(new Entry(index.pgno(rank), index.offset(rank), index.size(rank)))
          .isEqualTo(entry);
      assertThat(index.rank(entry.pgno)).isEqualTo(rank);
      assertThat(index.rankAtOffset(entry.offset)).isEqualTo(rank);
      assertThat(index.rankAtOffset(entry.offset + entry.size - 1)).isEqualTo(rank);
      int next = rank + 1 < entries.size() ? entries.get(rank + 1).pgno : Integer.MAX_VALUE;
      if (next > entry.pgno + 1) {
        assertThat(index.rank(entry.pgno + 1)).isEqualTo(-1);
        assertThat(index.rank(next - 1)).isEqualTo(-1);
      }
    }
    if (!entries.isEmpty() && entries.get(0).pgno > 1) {
      assertThat(index.rank(entries.get(0).pgno - 1)).isEqualTo(-1);
    }
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> index.offset(entries.size()));
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> index.pgno(-1));
  }

  @Test
  void theIndexOfTenGigabytesTakesLessThanSevenMegabytes() {
    var builder = new FrameIndexBuilder(4096);
    int lockPage = PageSize.lockPage(4096);
    for (int pgno = 1, n = 0; n < 2_600_000; n++, pgno = PageOrder.following(pgno, lockPage)) {
      builder.add(pgno, 4000);
    }
    FrameIndex index = builder.build();
    assertThat(index.memoryBytes()).isLessThan(7_000_000);
    assertThat(index.offset(2_599_999)).isEqualTo(100 + 2_599_999L * 4000);
  }

  @Test
  void indexesDifferWhereAPageOrASizeDoes() {
    FrameIndex base = index(1, 20, 2, 30, 5, 40);
    assertThat(base.firstDifference(index(1, 20, 2, 30, 5, 40))).isEqualTo(-1);
    assertThat(base.firstDifference(index(1, 20, 2, 31, 5, 39))).isEqualTo(1);
    assertThat(base.firstDifference(index(1, 20, 2, 30, 6, 40))).isEqualTo(2);
    assertThat(base.firstDifference(index(1, 20, 2, 30))).isEqualTo(2);
  }

  private static FrameIndex index(int... pgnosAndSizes) {
    var builder = new FrameIndexBuilder(512);
    for (int i = 0; i < pgnosAndSizes.length; i += 2) {
      builder.add(pgnosAndSizes[i], pgnosAndSizes[i + 1]);
    }
    return builder.build();
  }
}
