package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PageChecksumTest {
  @Test
  void theRollingChecksumsOfKnownDatabasesComeOut() {
    assertThat(rolling(512, 0x01, 0x02, 0x03)).isEqualTo(0xefffffffecd99000L);
    assertThat(rolling(1024, '2', '3')).isEqualTo(0xe1899b6d587aaaaaL);
    assertThat(rolling(1024, 0x81, 0x82, 0x83)).isEqualTo(0x8a249272ad9f7deaL);
    assertThat(rolling(512, '1')).isEqualTo(0xeb1a999231044dddL);
    assertThat(rolling(512, 'A')).isEqualTo(0xe1b3111ab98cc555L);
  }

  @Test
  void theDatabaseWithoutPagesHasOnlyTheFlag() {
    assertThat(rolling(512)).isEqualTo(PageChecksum.EMPTY_DATABASE).isEqualTo(1L << 63);
  }

  @Test
  void aPageIsReplacedByTogglingBothOfItsContents() {
    long before = rolling(512, 1, 2, 3);
    long changed =
        PageChecksum.toggle(PageChecksum.toggle(before, page(512, 2, 2)), page(512, 2, 9));
    assertThat(changed).isEqualTo(rolling(512, 1, 9, 3));
  }

  @Test
  void theSameContentCountsDifferentlyOnAnotherPage() {
    assertThat(page(512, 1, 5)).isNotEqualTo(page(512, 2, 5));
  }

  private static long rolling(int pageSize, int... fillings) {
    long rolling = PageChecksum.EMPTY_DATABASE;
    for (int i = 0; i < fillings.length; i++) {
      rolling = PageChecksum.toggle(rolling, page(pageSize, i + 1, fillings[i]));
    }
    return rolling;
  }

  private static long page(int pageSize, int pgno, int filling) {
    return PageChecksum.of(pgno, Examples.filled(pageSize, filling), 0, pageSize);
  }
}
