package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import net.jpountz.xxhash.XXHashFactory;
import org.junit.jupiter.api.Test;

class Xxh32Test {
  @Test
  void everyLengthAgreesWithAnotherImplementation() {
    var other = XXHashFactory.safeInstance().hash32();
    byte[] bytes = new byte[300];
    new Random(5).nextBytes(bytes);
    for (int from = 0; from < 8; from++) {
      for (int length = 0; length < bytes.length - from; length++) {
        assertThat(Xxh32.hash(bytes, from, length)).isEqualTo(other.hash(bytes, from, length, 0));
      }
    }
  }
}
