package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DiskCacheTest {
  private static final long ROOM = 1L << 40;

  private final IndexedFile file = Lab.nowhere(1000, 1, IntStream.range(1, 1001).toArray());
  private final IndexedFile other = Lab.nowhere(1000, 2, IntStream.range(1, 1001).toArray());
  private final ScratchBytes scratch = new ScratchBytes(ROOM);
  private final List<String> troubles = new ArrayList<>();
  private final DiskCache cache = cache(1000);

  private DiskCache cache(long limit) {
    return new DiskCache(() -> scratch, limit, 0, Runnable::run, troubles::add);
  }

  private static long offset(IndexedFile of, int rank) {
    return of.index().offset(rank);
  }

  private static int bytes(IndexedFile of, int first, int end) {
    return (int) (offset(of, end - 1) + of.index().size(end - 1) - offset(of, first));
  }

  /** What a range would be: of each file and place something else. */
  private static byte[] content(IndexedFile of, int first, int end) {
    byte[] content = new byte[bytes(of, first, end)];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) Objects.hash(of.id(), offset(of, first) + i);
    }
    return content;
  }

  private static @Nullable KeptRange begin(DiskCache in, IndexedFile of, int first, int end) {
    return in.keep(of, first, end, bytes(of, first, end), false);
  }

  private static boolean keep(DiskCache in, IndexedFile of, int first, int end) {
    KeptRange range = begin(in, of, first, end);
    if (range == null) {
      return false;
    }
    byte[] content = content(of, first, end);
    int half = content.length / 2;
    range.write(content, 0, half);
    range.write(content, half, content.length - half);
    range.written();
    return true;
  }

  /** Reads frames if they are there, and compares them. */
  private static boolean has(DiskCache in, IndexedFile of, int first, int end) throws IOException {
    KeptRange range = in.use(of, first);
    if (range == null || range.end() < end) {
      if (range != null) {
        range.release();
      }
      return false;
    }
    byte[] read = new byte[bytes(of, first, end)];
    int[] filled = {0};
    range.read(
        offset(of, first),
        read.length,
        (bytes, from, count) -> {
          System.arraycopy(bytes, from, read, filled[0], count);
          filled[0] += count;
        });
    range.release();
    assertThat(read).isEqualTo(content(of, first, end));
    return true;
  }

  @Test
  void whatWasKeptIsReadAgainWholeOrInPart() throws IOException {
    assertThat(keep(cache, file, 10, 14)).isTrue();
    assertThat(has(cache, file, 10, 14)).isTrue();
    assertThat(has(cache, file, 12, 13)).isTrue();
    assertThat(cache.keptTo(file, 10)).isEqualTo(14);
    assertThat(cache.keptTo(file, 9)).isZero();
    assertThat(cache.keptTo(file, 14)).isZero();
    assertThat(cache.keptTo(other, 10)).isZero();
  }

  @Test
  void nothingIsFoundBeforeItIsThere() {
    byte[] content = content(file, 0, 3);
    KeptRange range = Objects.requireNonNull(begin(cache, file, 0, 3));
    range.write(content, 0, content.length);
    assertThat(cache.keptTo(file, 0)).isZero();
    range.written();
    assertThat(cache.keptTo(file, 0)).isEqualTo(3);
  }

  @Test
  void whatDidNotComeWholeIsNotKept() {
    KeptRange cut = Objects.requireNonNull(begin(cache, file, 0, 3));
    cut.write(content(file, 0, 2), 0, bytes(file, 0, 2));
    cut.written();
    assertThat(cache.keptTo(file, 0)).isZero();
    KeptRange long_ = Objects.requireNonNull(begin(cache, file, 4, 5));
    byte[] more = content(file, 4, 7);
    long_.write(more, 0, more.length);
    long_.written();
    assertThat(cache.keptTo(file, 4)).isZero();
    assertThat(scratch.length()).isLessThanOrEqualTo(bytes(file, 0, 3));
  }

  @Test
  void theOldestMakeRoomForTheNewest() throws IOException {
    int size = bytes(file, 0, 1);
    DiskCache ten = cache(10L * size);
    for (int i = 0; i < 25; i++) {
      assertThat(keep(ten, file, 2 * i, 2 * i + 1)).isTrue();
    }
    for (int i = 0; i < 25; i++) {
      assertThat(has(ten, file, 2 * i, 2 * i + 1)).as("rank %d", 2 * i).isEqualTo(i >= 15);
    }
    assertThat(scratch.length()).isEqualTo(10 * size);
    assertThat(keep(ten, file, 100, 111)).as("more than all of it").isFalse();
  }

  @Test
  void whatIsInUseStaysWhereItIs() throws IOException {
    int size = bytes(file, 0, 1);
    DiskCache three = cache(3L * size);
    assertThat(keep(three, file, 0, 1)).isTrue();
    KeptRange read = Objects.requireNonNull(three.use(file, 0));
    KeptRange written = Objects.requireNonNull(begin(three, file, 2, 3));
    assertThat(keep(three, file, 4, 5)).isTrue();
    assertThat(keep(three, file, 6, 7)).as("in the place of what is read").isFalse();
    read.release();
    assertThat(keep(three, file, 6, 7)).isTrue();
    assertThat(has(three, file, 0, 1)).isFalse();
    assertThat(keep(three, file, 8, 9)).as("in the place of what is written").isFalse();
    byte[] content = content(file, 2, 3);
    written.write(content, 0, content.length);
    written.written();
    assertThat(has(three, file, 2, 3)).isTrue();
    assertThat(keep(three, file, 8, 9)).isTrue();
    assertThat(has(three, file, 2, 3)).isFalse();
  }

  @Test
  void rangesThatOverlapAreEachFoundForWhatTheOthersLack() throws IOException {
    assertThat(keep(cache, file, 2, 4)).isTrue();
    assertThat(keep(cache, file, 6, 8)).isTrue();
    assertThat(keep(cache, file, 3, 9)).isTrue();
    assertThat(has(cache, file, 2, 4)).isTrue();
    assertThat(has(cache, file, 4, 6)).isTrue();
    assertThat(has(cache, file, 6, 8)).isTrue();
    assertThat(cache.keptTo(file, 8)).as("behind the one in the middle").isZero();
    assertThat(keep(cache, file, 2, 3)).isTrue();
    assertThat(has(cache, file, 2, 4)).as("all of it was there").isTrue();
  }

  @Test
  void whatIsForgottenIsNotFound() throws IOException {
    assertThat(keep(cache, file, 0, 2)).isTrue();
    assertThat(keep(cache, file, 2, 4)).isTrue();
    KeptRange range = Objects.requireNonNull(cache.use(file, 1));
    range.forget();
    range.release();
    assertThat(has(cache, file, 0, 2)).isFalse();
    assertThat(has(cache, file, 2, 4)).isTrue();
  }

  @Test
  void anythingInAnyOrderIsRightOrNotThere() throws IOException {
    Random random = new Random(5);
    int size = bytes(file, 0, 1);
    DiskCache small = cache(40L * size);
    List<KeptRange> reading = new ArrayList<>();
    int found = 0;
    for (int i = 0; i < 20_000; i++) {
      IndexedFile of = random.nextBoolean() ? file : other;
      int first = random.nextInt(80);
      int end = first + 1 + random.nextInt(8);
      switch (random.nextInt(5)) {
        case 0 -> found += has(small, of, first, end) ? 1 : 0;
        case 1 -> {
          KeptRange used = small.use(of, first);
          if (used != null) {
            reading.add(used);
          }
        }
        case 2 -> {
          while (!reading.isEmpty() && random.nextInt(4) > 0) {
            reading.remove(random.nextInt(reading.size())).release();
          }
        }
        default -> keep(small, of, first, end);
      }
      for (KeptRange range : reading) {
        byte[] content =
            content(range.fileId() == file.id() ? file : other, range.first(), range.end());
        int[] at = {0};
        range.read(
            offset(file, range.first()),
            content.length,
            (bytes, from, count) -> {
              assertThat(Arrays.copyOfRange(bytes, from, from + count))
                  .isEqualTo(Arrays.copyOfRange(content, at[0], at[0] + count));
              at[0] += count;
            });
      }
    }
    assertThat(found).isGreaterThan(200);
    assertThat(scratch.length()).isLessThanOrEqualTo(40 * size);
  }

  @Test
  void manySmallRangesTakeBoundedMemory() {
    DiskCache large = cache(1L << 30);
    int count = DiskCache.MOST_RANGES + 10;
    IndexedFile many = Lab.nowhere(2 * count, 3, IntStream.range(1, 2 * count).toArray());
    for (int i = 0; i < count; i++) {
      assertThat(keep(large, many, 2 * i, 2 * i + 1)).isTrue();
    }
    assertThat(large.keptTo(many, 18)).isZero();
    assertThat(large.keptTo(many, 20)).isEqualTo(21);
  }

  @Test
  void aFullDiskIsLeftAlone() {
    assertThat(keep(cache, file, 0, 2)).isTrue();
    scratch.fillUpAfter(1);
    assertThat(keep(cache, file, 4, 6)).isTrue();
    assertThat(troubles).containsExactly("no space left on device");
    assertThat(scratch.length()).as("what it took is given back").isZero();
    assertThat(cache.keptTo(file, 0)).isZero();
    assertThat(keep(cache, file, 8, 9)).isFalse();
    assertThat(cache.room()).isZero();
  }

  @Test
  void aDiskWithLittleRoomIsLeftAlone() {
    DiskCache tight =
        new DiskCache(
            () -> new ScratchBytes(8 * DiskCache.LEAST - 8),
            1 << 30,
            0,
            Runnable::run,
            troubles::add);
    assertThat(keep(tight, file, 0, 2)).isFalse();
    assertThat(troubles).containsExactly("there is too little room for it");
  }

  @Test
  void aSlowDiskIsLeftAlone() {
    DiskCache large = cache(1L << 30);
    scratch.slowDown(100); // 2 MB in two writes: 10 MB/s
    Lab lab = new Lab(Lab.dense(500));
    IndexedFile big = lab.index(lab.replica.file(0, 1, 1));
    for (int i = 0; i < 4; i++) {
      assertThat(keep(large, big, 0, 500)).isTrue();
      assertThat(troubles).isEmpty();
    }
    assertThat(keep(large, big, 0, 500)).isTrue();
    assertThat(troubles).containsExactly("the disk takes less than 21 MB/s");
    assertThat(keep(large, file, 0, 10)).isFalse();
  }

  @Test
  void itTakesAnEighthOfWhatIsFree() {
    DiskCache half =
        new DiskCache(
            () -> new ScratchBytes(16 * DiskCache.LEAST), 1 << 30, 0, Runnable::run, troubles::add);
    assertThat(keep(half, file, 0, 2)).isTrue();
    assertThat(half.room()).isEqualTo(2 * DiskCache.LEAST);
    half.raiseLimit(1L << 31);
    assertThat(half.room()).isEqualTo(2 * DiskCache.LEAST);
  }

  @Test
  void aLimitThatIsRaisedLaterIsUsed() throws IOException {
    int size = bytes(file, 0, 1);
    DiskCache growing = cache(3L * size);
    for (int i = 0; i < 5; i++) {
      assertThat(keep(growing, file, 2 * i, 2 * i + 1)).isTrue();
    }
    growing.raiseLimit(5L * size);
    growing.raiseLimit(size);
    for (int i = 5; i < 20; i++) {
      assertThat(keep(growing, file, 2 * i, 2 * i + 1)).isTrue();
      for (int j = i - 2; j <= i; j++) {
        assertThat(has(growing, file, 2 * j, 2 * j + 1)).isTrue();
      }
    }
    assertThat(has(growing, file, 30, 31)).isTrue();
    assertThat(scratch.length()).isEqualTo(5 * size);
  }

  private DiskCache patient() {
    return new DiskCache(
        () -> {
          throw new IOException("now");
        },
        1 << 20,
        8L * bytes(file, 0, 2),
        Runnable::run,
        troubles::add);
  }

  @Test
  void noFileIsMadeBeforeAPartOfTheCacheWasFetched() {
    DiskCache patient = patient();
    assertThat(keep(patient, file, 0, 2)).isFalse();
    assertThat(troubles).isEmpty();
    assertThat(keep(patient, file, 0, 2)).isFalse();
    assertThat(troubles).containsExactly("now");
  }

  @Test
  void norForDatabasesThatFitIntoTheCacheBeforeAllOfItWas() {
    DiskCache patient = patient();
    for (int i = 0; i < 9; i++) {
      assertThat(troubles).isEmpty();
      assertThat(patient.keep(file, 0, 2, bytes(file, 0, 2), true)).isNull();
    }
    assertThat(troubles).containsExactly("now");
  }
}
