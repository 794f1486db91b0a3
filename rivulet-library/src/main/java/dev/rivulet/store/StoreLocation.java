package dev.rivulet.store;

import java.nio.file.Path;

/** Where a replica URL leads. */
public sealed interface StoreLocation permits S3Location, StoreLocation.Folder {
  /**
   * A folder of this machine.
   *
   * @param path as Litestream reads it from the URL; relative to the working directory if the URL
   *     was {@code file://}
   */
  record Folder(Path path) implements StoreLocation {}
}
