package dev.rivulet.ltx;

import java.util.stream.Stream;

/** Good files for fuzz targets to begin with. */
final class FuzzSeeds {
  private FuzzSeeds() {}

  static Stream<byte[]> files() {
    return Stream.of(
        Examples.onePage(),
        Examples.onePageChecksummed(),
        Examples.deletion(),
        Examples.onePageLegacy(),
        Examples.twoPages());
  }
}
