package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a whole file, in one piece and in small ones: the same end, whatever the pieces; and
 * what is accepted can be written again and says the same.
 *
 * <p>A fuzzer cannot guess checksums, so this target also tries the file with the file checksum
 * that the decoder asks for.
 */
class FileFuzz {
  private static final String ASKED_FOR = "but the content has ";

  static Stream<byte[]> seeds() {
    return FuzzSeeds.files();
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void file(byte[] bytes) throws IOException, LtxException {
    String refusal = check(bytes);
    if (refusal != null && refusal.contains(ASKED_FOR)) {
      byte[] mended = bytes.clone();
      int at = refusal.indexOf(ASKED_FOR) + ASKED_FOR.length();
      BigEndian.putLong(mended, mended.length - 8, Txid.parse(refusal.substring(at)).value());
      check(mended);
    }
  }

  private static @Nullable String check(byte[] bytes) throws IOException, LtxException {
    var whole = new TreeMap<Integer, byte[]>();
    var inPieces = new TreeMap<Integer, byte[]>();
    var decoder = new LtxDecoder((pgno, page) -> whole.put(pgno, page.clone()));
    String refusal = decode(decoder, bytes, bytes.length);
    var other = new LtxDecoder((pgno, page) -> inPieces.put(pgno, page.clone()));
    assertThat(decode(other, bytes, 7)).isEqualTo(refusal);
    assertThat(inPieces.keySet()).isEqualTo(whole.keySet());
    whole.forEach((pgno, page) -> assertThat(inPieces.get(pgno)).isEqualTo(page));
    if (refusal == null) {
      assertCanBeWrittenAgain(decoder, whole);
    }
    return refusal;
  }

  private static @Nullable String decode(LtxDecoder decoder, byte[] bytes, int piece)
      throws IOException {
    try {
      for (int at = 0; at < bytes.length; at += piece) {
        decoder.accept(bytes, at, Math.min(piece, bytes.length - at));
      }
      decoder.finish();
      return null;
    } catch (LtxException refused) {
      return refused.getMessage();
    }
  }

  private static void assertCanBeWrittenAgain(LtxDecoder decoded, Map<Integer, byte[]> pages)
      throws IOException, LtxException {
    var out = new ByteArrayOutputStream();
    var writer = new LtxWriter(out, decoded.header());
    for (var page : pages.entrySet()) {
      writer.page(page.getKey(), page.getValue());
    }
    writer.finish(decoded.finish().postApplyChecksum());
    byte[] again = out.toByteArray();
    var pagesAgain = new TreeMap<Integer, byte[]>();
    var decoder = new LtxDecoder((pgno, page) -> pagesAgain.put(pgno, page.clone()));
    assertThat(decode(decoder, again, again.length)).isNull();
    assertThat(pagesAgain.keySet()).isEqualTo(pages.keySet());
    pagesAgain.forEach((pgno, page) -> assertThat(page).isEqualTo(pages.get(pgno)));
  }
}
