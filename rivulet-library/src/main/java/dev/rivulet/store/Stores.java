package dev.rivulet.store;

/** Opens the store that a replica URL leads to. */
public final class Stores {
  private Stores() {}

  /**
   * Opens a store, with retries. Makes no request yet.
   *
   * @param environment the process's variables, as far as the store's kind reads any
   * @throws StoreException if the store cannot be set up: a broken certificate file, for instance
   */
  public static ObjectStore open(ReplicaUrl url, Environment environment, StoreLimits limits)
      throws StoreException {
    // No switch over the sealed type: its invokedynamic is not kept by an AOT cache.
    if (url.location() instanceof S3Location s3) {
      return new RetryingStore(new S3Store(s3, environment, limits), limits);
    }
    // A disk's errors are not temporary.
    return new FileStore(((StoreLocation.Folder) url.location()).path(), limits);
  }
}
