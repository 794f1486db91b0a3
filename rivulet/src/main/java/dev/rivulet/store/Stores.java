package dev.rivulet.store;

public final class Stores {
  private Stores() {}

  public static ObjectStore open(ReplicaUrl url, Environment e, StoreLimits l)
      throws StoreException {
    return switch (url.location()) {
      case StoreLocation.Folder f -> new FileStore(f.path());
      default -> throw new StoreException(StoreException.Kind.OTHER, "later");
    };
  }
}
