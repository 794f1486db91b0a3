package dev.rivulet.sqlite;

/** How messages call a replica. */
public final class ReplicaName {
  private ReplicaName() {}

  /** A name or replica URL without its query and user part: both may hold credentials. */
  public static String withoutSecrets(String name) {
    int query = name.indexOf('?');
    String shown = query < 0 ? name : name.substring(0, query);
    int scheme = shown.indexOf("://");
    if (scheme < 0) {
      return shown;
    }
    int authority = scheme + 3;
    int slash = shown.indexOf('/', authority);
    int at = shown.lastIndexOf('@', slash < 0 ? shown.length() : slash);
    return at < authority ? shown : shown.substring(0, authority) + shown.substring(at + 1);
  }
}
