package dev.rivulet.bench;

/**
 * The replicas that are read; each is a path in the bucket and a folder of what it was made from.
 */
enum Replica {
  SHOP("shop"),
  SMALL("small"),
  DAY("day"),
  HUGE("huge"),
  METADATA("metadata"),
  KEPT("kept");

  private final String path;

  Replica(String path) {
    this.path = path;
  }

  String path() {
    return path;
  }
}
