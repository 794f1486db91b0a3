package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** What a call is refused with; anything but an {@link LtxException} fails the test. */
final class Failures {
  private Failures() {}

  static LtxException of(ThrowingCallable call) {
    return Objects.requireNonNull(
        catchThrowableOfType(LtxException.class, call), "nothing was refused");
  }

  /** What decoding a whole file is refused with, in one piece or byte by byte. */
  static LtxException ofDecoding(byte[] file) {
    LtxException whole = of(() -> decode(file, file.length));
    LtxException bytewise = of(() -> decode(file, 1));
    if (whole.kind() != bytewise.kind() || !whole.toString().equals(bytewise.toString())) {
      throw new AssertionError("refused differently byte by byte: " + bytewise, whole);
    }
    return whole;
  }

  static LtxDecoder decode(byte[] file, int pieceSize) throws Exception {
    var decoder = new LtxDecoder((pgno, page) -> {});
    for (int at = 0; at < file.length; at += pieceSize) {
      decoder.accept(file, at, Math.min(pieceSize, file.length - at));
    }
    decoder.finish();
    return decoder;
  }

  /** What a file says: its header, and its pages as text. */
  static List<String> contents(byte[] file) throws Exception {
    var contents = new ArrayList<String>();
    var decoder =
        new LtxDecoder((pgno, page) -> contents.add(pgno + " " + HexFormat.of().formatHex(page)));
    decoder.accept(file, 0, file.length);
    decoder.finish();
    contents.add(decoder.header().toString());
    return contents;
  }
}
