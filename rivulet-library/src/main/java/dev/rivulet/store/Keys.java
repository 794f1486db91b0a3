package dev.rivulet.store;

import java.util.Comparator;

/** Rules about keys that every store shares. */
final class Keys {
  private Keys() {}

  /**
   * The order of the keys' UTF-8 bytes, which is that of their code points and not that of Java's
   * chars: a surrogate pair sorts after U+FFFF.
   */
  static final Comparator<String> ORDER =
      (a, b) -> {
        int n = Math.min(a.length(), b.length());
        for (int i = 0; i < n; i++) {
          char x = a.charAt(i);
          char y = b.charAt(i);
          if (x != y) {
            boolean pairs = Character.isSurrogate(x) != Character.isSurrogate(y);
            return pairs ? (Character.isSurrogate(x) ? 1 : -1) : Character.compare(x, y);
          }
        }
        return Integer.compare(a.length(), b.length());
      };

  /** S3's own limit, in bytes of UTF-8. */
  static final int MAX_BYTES = 1024;

  /** Refuses a key that some store could not keep, or could keep under another name. */
  static void check(String key) throws StoreException {
    if (key.isEmpty() || key.startsWith("/") || key.endsWith("/")) {
      throw bad(key);
    }
    int from = 0;
    while (from <= key.length()) {
      int to = key.indexOf('/', from);
      if (to < 0) {
        to = key.length();
      }
      String part = key.substring(from, to);
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw bad(key);
      }
      from = to + 1;
    }
    for (int i = 0; i < key.length(); i++) {
      char c = key.charAt(i);
      boolean pair =
          Character.isHighSurrogate(c)
              && i + 1 < key.length()
              && Character.isLowSurrogate(key.charAt(i + 1));
      if (c < ' ' || c == 0x7f || (Character.isSurrogate(c) && !pair)) {
        throw bad(key);
      }
      i += pair ? 1 : 0;
    }
    if (key.length() > MAX_BYTES) {
      throw bad(key.substring(0, 80) + "…");
    }
  }

  static void checkLimit(int limit) throws StoreException {
    if (limit < 1 || limit > ObjectStore.MAX_PAGE) {
      throw new StoreException(
          StoreException.Kind.OTHER,
          "A listing takes 1 to " + ObjectStore.MAX_PAGE + " entries, not " + limit + ".");
    }
  }

  private static StoreException bad(String key) {
    return new StoreException(
        StoreException.Kind.OTHER, "\"" + key + "\" cannot be the key of an object.");
  }
}
