package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rivulet.ltx.LtxException.Kind;
import java.io.ByteArrayOutputStream;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What {@link LtxWriter} writes, {@link LtxDecoder} reads; what it must not write, it refuses. */
class RoundTripTest {
  private static final Txid FIRST = new Txid(1);
  private static final Txid LATER = new Txid(0xFFFF_FFFF_FFFF_FFF0L);

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
  void snapshotsWithAndWithoutChecksumsComeBack(int pageSize) throws Exception {
    for (int flags : new int[] {0, LtxHeader.NO_CHECKSUM}) {
      var header = new LtxHeader(flags, pageSize, 70, FIRST, LATER, 5, 0, 32, 48, 1, 2, 3);
      assertComesBack(header, pages(pageSize, 1, 70));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
  void pagesOnBothSidesOfTheLockPageComeBack(int pageSize) throws Exception {
    int lockPage = PageSize.lockPage(pageSize);
    Map<Integer, byte[]> pages = pages(pageSize, lockPage - 70, lockPage - 1);
    pages.putAll(pages(pageSize, lockPage + 1, lockPage + 70));
    var header = new LtxHeader(2, pageSize, lockPage + 70, new Txid(2), LATER, 5, 0, 0, 0, 0, 0, 0);
    assertComesBack(header, pages);
  }

  @Test
  void gapsAndManyPagesComeBack() throws Exception {
    var random = new Random(11);
    Map<Integer, byte[]> pages = new TreeMap<>();
    for (int i = 0; i < 3000; i++) {
      pages.putAll(pages(512, 1 + random.nextInt(1_000_000), 0));
    }
    var header = new LtxHeader(2, 512, 1_000_000, new Txid(3), LATER, 5, 0, 0, 0, 0, 0, 0);
    assertComesBack(header, pages);
  }

  @Test
  void aFileWithoutPagesComesBack() throws Exception {
    var header = new LtxHeader(2, 4096, 10, new Txid(3), LATER, 5, 0, 0, 0, 0, 0, 0);
    assertComesBack(header, Map.of());
  }

  @Test
  void theChecksumAfterAnUpdateIsGivenByTheCaller() throws Exception {
    long flag = PageChecksum.FLAG;
    var header = new LtxHeader(0, 512, 9, new Txid(3), LATER, 5, flag | 7, 0, 0, 0, 0, 0);
    var out = new ByteArrayOutputStream();
    var writer = new LtxWriter(out, header);
    writer.page(4, new byte[512]);
    assertThatIllegalStateException().isThrownBy(writer::finish);
    assertThat(writer.finish(flag | 9).trailer().postApplyChecksum()).isEqualTo(flag | 9);
    Failures.decode(out.toByteArray(), 1000);
  }

  @Test
  void theWriterRefusesWhatTheDecoderWould() throws Exception {
    var update = new LtxHeader(2, 512, 9, new Txid(3), LATER, 5, 0, 0, 0, 0, 0, 0);
    var snapshot = new LtxHeader(0, 512, 9, FIRST, LATER, 5, 0, 0, 0, 0, 0, 0);
    byte[] page = new byte[512];
    assertThat(Failures.of(() -> writer(update).page(0, page))).hasMessageContaining("no page 0");
    assertThat(Failures.of(() -> writer(update).page(10, page))).hasMessageContaining("beyond");
    assertThat(Failures.of(() -> writer(update).page(-1, page))).hasMessageContaining("beyond");
    assertThat(Failures.of(() -> writer(snapshot).page(2, page))).hasMessageContaining("missing");
    LtxWriter twice = writer(update);
    twice.page(5, page);
    assertThat(Failures.of(() -> twice.page(5, page)).kind()).isEqualTo(Kind.FRAME);
    LtxWriter incomplete = writer(snapshot);
    incomplete.page(1, page);
    assertThat(Failures.of(incomplete::finish)).hasMessageContaining("page 2 is missing");
    assertThat(Failures.of(() -> writer(update).finish(1L << 63)).kind()).isEqualTo(Kind.TRAILER);
    var empty = new LtxHeader(0, 512, 0, FIRST, LATER, 5, 0, 0, 0, 0, 0, 0);
    assertThat(Failures.of(() -> writer(empty).finish(1L << 63 | 5)).kind())
        .isEqualTo(Kind.CHECKSUM);
    var noForm = new LtxHeader(2, 512, 0, FIRST, LATER, 5, 0, 0, 0, 0, 0, 0);
    assertThat(Failures.of(() -> writer(noForm)).kind()).isEqualTo(Kind.HEADER);
    var invalid = new LtxHeader(4, 512, 0, FIRST, LATER, 5, 0, 0, 0, 0, 0, 0);
    assertThat(Failures.of(() -> writer(invalid)).kind()).isEqualTo(Kind.HEADER);
    assertThatIllegalArgumentException().isThrownBy(() -> writer(update).page(1, new byte[511]));
    LtxWriter finished = writer(update);
    finished.finish();
    assertThatIllegalStateException().isThrownBy(() -> finished.page(1, page));
    assertThatIllegalStateException().isThrownBy(finished::finish);
  }

  private static LtxWriter writer(LtxHeader header) throws Exception {
    return new LtxWriter(new ByteArrayOutputStream(), header);
  }

  private static void assertComesBack(LtxHeader header, Map<Integer, byte[]> pages)
      throws Exception {
    var out = new ByteArrayOutputStream();
    var writer = new LtxWriter(out, header);
    for (var page : pages.entrySet()) {
      writer.page(page.getKey(), page.getValue());
    }
    LtxWriter.Result written = writer.finish();
    byte[] file = out.toByteArray();
    assertThat(written.size()).isEqualTo(file.length);

    for (int piece : new int[] {50_000, 4096, 61}) {
      var read = new TreeMap<Integer, byte[]>();
      var decoder = new LtxDecoder((pgno, page) -> read.put(pgno, page.clone()));
      for (int at = 0; at < file.length; at += piece) {
        decoder.accept(file, at, Math.min(piece, file.length - at));
      }
      assertThat(decoder.finish()).isEqualTo(written.trailer());
      assertThat(decoder.header()).isEqualTo(header);
      assertThat(decoder.index().firstDifference(written.index())).isEqualTo(-1);
      assertThat(read.keySet()).isEqualTo(pages.keySet());
      read.forEach((pgno, page) -> assertThat(page).isEqualTo(pages.get(pgno)));
    }
  }

  private static Map<Integer, byte[]> pages(int pageSize, int first, int last) {
    var pages = new TreeMap<Integer, byte[]>();
    for (int pgno = first; pgno <= Math.max(first, last); pgno++) {
      var random = new Random(pgno);
      byte[] page = new byte[pageSize];
      if (pgno % 3 == 0) {
        random.nextBytes(page);
      } else {
        page[random.nextInt(pageSize)] = (byte) pgno;
      }
      pages.put(pgno, page);
    }
    return pages;
  }
}
