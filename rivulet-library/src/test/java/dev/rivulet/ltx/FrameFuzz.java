package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.rivulet.natives.NativeMemory;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a frame, into an array and into memory: both give the same page or the same error,
 * and neither writes a byte outside the page.
 */
class FrameFuzz {
  private static final int PAGE_SIZE = 512;
  private static final int GUARD = 64;
  private static final byte[] UNTOUCHED = Examples.filled(GUARD, 0x55);

  static Stream<byte[]> seeds() {
    String stored = "00020080" + "41".repeat(PAGE_SIZE);
    return Stream.of(
        Arrays.copyOfRange(Examples.onePage(), 100, 122),
        Arrays.copyOfRange(Examples.onePageLegacy(), 100, 137),
        Examples.hex("00000001 0000 04224d18 4040c0", stored, "00000000"),
        Examples.hex("00000001 0000 04224d18 6470b9", stored, "00000000 95f53d4c"));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void frame(byte[] frame) {
    byte[] array = Examples.filled(GUARD + PAGE_SIZE + GUARD, 0x55);
    long memory = NativeMemory.allocate(array.length);
    try {
      NativeMemory.write(array, 0, array.length, memory);
      String fromArray = intoArray(frame, array);
      String fromMemory = intoMemory(frame, memory + GUARD);
      byte[] copy = new byte[array.length];
      NativeMemory.read(memory, copy, 0, copy.length);

      assertThat(fromMemory).isEqualTo(fromArray);
      if (fromArray == null) {
        assertThat(Arrays.equals(copy, array)).isTrue();
      }
      for (byte[] page : new byte[][] {array, copy}) {
        assertThat(Arrays.equals(page, 0, GUARD, UNTOUCHED, 0, GUARD)).isTrue();
        int end = GUARD + PAGE_SIZE;
        assertThat(Arrays.equals(page, end, end + GUARD, UNTOUCHED, 0, GUARD)).isTrue();
      }
    } finally {
      NativeMemory.free(memory);
    }
  }

  private static @Nullable String intoArray(byte[] frame, byte[] to) {
    try {
      Frames.decode(frame, 0, frame.length, 1, PAGE_SIZE, to, GUARD);
      return null;
    } catch (LtxException refused) {
      return refused.getMessage();
    }
  }

  private static @Nullable String intoMemory(byte[] frame, long to) {
    try {
      Frames.decode(frame, 0, frame.length, 1, PAGE_SIZE, to);
      return null;
    } catch (LtxException refused) {
      return refused.getMessage();
    }
  }
}
