package dev.rivulet.replica;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.Txid;
import dev.rivulet.store.ObjectEntry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class LayoutTest {
  @Test
  void s3AndOssWriteLevelsInHexAndTheOthersInAFolder() {
    assertThat(Layout.of("s3")).isEqualTo(Layout.HEX);
    assertThat(Layout.of("oss")).isEqualTo(Layout.HEX);
    for (String scheme : new String[] {"file", "gs", "abs", "sftp", "webdav", "nats"}) {
      assertThat(Layout.of(scheme)).isEqualTo(Layout.DECIMAL);
    }
    assertThat(Layout.HEX.key(9, new Txid(1), new Txid(255)))
        .isEqualTo("0009/0000000000000001-00000000000000ff.ltx");
    assertThat(Layout.DECIMAL.key(0, new Txid(16), new Txid(16)))
        .isEqualTo("ltx/0/0000000000000010-0000000000000010.ltx");
  }

  @ParameterizedTest
  @EnumSource
  void everyLevelsNamesAreReadBackAndLieUnderThePrefixes(Layout layout) {
    for (int level = 0; level <= 9; level++) {
      String key = layout.key(level, new Txid(1), new Txid(0xabcL));
      LtxFile file = layout.parse(new ObjectEntry(key, 7, "tag", 5)).orElseThrow();
      assertThat(file)
          .isEqualTo(new LtxFile(level, new Txid(1), new Txid(0xabcL), key, 7, "tag", 5));
      assertThat(key).startsWith(layout.prefix()).startsWith(layout.prefix(level));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aListingThatStartsAtATransactionHasItAndNothingBefore(Layout layout) {
    String start = layout.startAfter(1, new Txid(0x10));
    assertThat(layout.key(1, new Txid(0x10), new Txid(0x10))).isGreaterThan(start);
    assertThat(layout.key(1, new Txid(0xf), new Txid(0x2000))).isLessThan(start);
    assertThat(layout.key(0, new Txid(0x20), new Txid(0x20))).isLessThan(start);
    assertThat(layout.key(2, new Txid(1), new Txid(1))).isGreaterThan(start);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "0000",
        "lock.json",
        "0000/",
        "000a/0000000000000001-0000000000000001.ltx",
        "0010/0000000000000001-0000000000000001.ltx",
        "1000/0000000000000001-0000000000000001.ltx",
        "0000/0000000000000001-0000000000000001.ltx.tmp",
        "0000/0000000000000001-0000000000000001.LTX",
        "0000/0000000000000001_0000000000000001.ltx",
        "0000/000000000000000G-0000000000000001.ltx",
        "0000/000000000000000A-000000000000000a.ltx",
        "0000/0000000000000000-0000000000000001.ltx",
        "0000/0000000000000002-0000000000000001.ltx",
        "0000/0000000000000001-ffffffffffffffff.ltx",
        "0000/+000000000000001-0000000000000001.ltx",
        "0000/deep/00000000000001-000000000001.ltx",
        "0000/../0000000000001-0000000000000001.ltx",
        "0000\\0000000000000001-0000000000000001.ltx",
        "0009/0000000000000002-0000000000000005.ltx",
        "ltx/0/0000000000000001-0000000000000001.ltx",
        "000\u0660/0000000000000001-0000000000000001.ltx",
        "0000/00000000000000\u0660\u0661-0000000000000011.ltx",
        "generations/0123456789abcdef/snapshots/00000000.snapshot.lz4",
      })
  void whatIsNoFileNameIsIgnored(String key) {
    assertThat(Layout.HEX.parse(new ObjectEntry(key, 1000, "e", 0))).isEmpty();
  }

  @Test
  void aSnapshotThatDoesNotBeginAtTheFirstTransactionIsNone() {
    // Taken as a base it would be a database with most of its pages missing.
    String key = Layout.DECIMAL.key(9, new Txid(5), new Txid(9));
    assertThat(Layout.DECIMAL.parse(new ObjectEntry(key, 1000, "e", 0))).isEmpty();
  }
}
