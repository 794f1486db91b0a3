package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.util.ArrayList;
import java.util.List;

/** Reads the answer to ListObjectsV2. Trusts nothing of it. */
final class ListParser {
  private final String keyPrefix;
  private final String startAfter;
  private final String prefix;
  private final List<ObjectEntry> entries = new ArrayList<>();
  private boolean truncated;
  private boolean saidIfTruncated;
  private String token = "";
  private boolean urlEncoded;

  // The entry being read.
  private String key = "";
  private String etag = "";
  private long size = -1;
  private long modified;

  private record Raw(String key, long size, String etag, long modified) {}

  private final List<Raw> raws = new ArrayList<>();

  /**
   * @param keyPrefix the store's root, which every key must begin with
   * @param startAfter relative to it
   * @param prefix relative to it
   */
  ListParser(String keyPrefix, String startAfter, String prefix) {
    this.keyPrefix = keyPrefix;
    this.startAfter = startAfter;
    this.prefix = prefix;
  }

  ListPage parse(byte[] body, int limit) throws StoreException {
    XmlReader xml = new XmlReader(body);
    boolean isList = false;
    boolean inContents = false;
    int depth = 0;
    for (XmlReader.Event e = xml.next(); e != XmlReader.Event.EOF; e = xml.next()) {
      if (e == XmlReader.Event.START) {
        depth++;
        isList |= depth == 1 && xml.name().equals("ListBucketResult");
        if (depth == 2 && xml.name().equals("Contents")) {
          inContents = true;
          key = "";
          etag = "";
          size = -1;
          modified = 0;
        }
        continue;
      }
      if (depth == 3 && inContents) {
        field(xml.name(), xml.text());
      } else if (depth == 2) {
        if (inContents) {
          raws.add(new Raw(key, size, etag, modified));
          inContents = false;
        } else {
          option(xml.name(), xml.text());
        }
      }
      depth--;
    }
    if (!isList) {
      throw bad("it is no listing");
    }
    if (raws.size() > limit) {
      throw bad("it has more entries than were asked for");
    }
    String before = "";
    for (Raw raw : raws) {
      before = add(raw, before);
    }
    truncated |= !saidIfTruncated && !token.isEmpty();
    if (truncated && entries.isEmpty() && token.isEmpty()) {
      throw bad("it says that there is more, but not where to go on");
    }
    return new ListPage(entries, truncated);
  }

  /**
   * Where to go on if no entry tells: S3 may send a page of nothing but what was deleted from a
   * bucket with versions, and stores that know no {@code start-after} begin again from the front.
   *
   * @return empty if the page has an entry, or is the last one
   */
  String continuation() {
    return truncated && entries.isEmpty() ? token : "";
  }

  private void field(String name, String text) throws StoreException {
    switch (name) {
      case "Key" -> key = text;
      case "ETag" -> etag = Etags.of(text);
      case "Size" -> size = number(text);
      case "LastModified" -> modified = IsoTime.millis(text);
      default -> {}
    }
  }

  private void option(String name, String text) throws StoreException {
    switch (name) {
      case "IsTruncated" -> {
        truncated = flag(text.strip());
        saidIfTruncated = true;
      }
      case "NextContinuationToken" -> token = text;
      case "EncodingType" -> urlEncoded = text.equals("url");
      default -> {}
    }
  }

  /** Checks an entry and adds it; returns its key. */
  private String add(Raw raw, String before) throws StoreException {
    // The encoding is named after the entries by some servers.
    String full = urlEncoded ? UrlSyntax.decode(raw.key, true) : raw.key;
    if (!full.startsWith(keyPrefix) || !full.startsWith(prefix, keyPrefix.length())) {
      throw bad("it has a key that was not asked for");
    }
    String relative = full.substring(keyPrefix.length());
    if (Keys.ORDER.compare(relative, before) <= 0 && !(before.isEmpty() && relative.isEmpty())) {
      throw bad(
          "its keys are not in ascending order (directory buckets, S3 Express, are not supported)");
    }
    if (raw.size < 0) {
      throw bad("it has an entry without a size");
    }
    // "path/" itself is a folder's mark that consoles make, and no object of ours.
    boolean isAfter = startAfter.isEmpty() || Keys.ORDER.compare(relative, startAfter) > 0;
    if (!relative.isEmpty() && isAfter) {
      entries.add(new ObjectEntry(relative, raw.size, raw.etag, raw.modified));
    }
    return relative;
  }

  /** Go's clients, Litestream's among them, understand all of these. */
  private static boolean flag(String text) throws StoreException {
    return switch (text) {
      case "true", "True", "TRUE", "t", "T", "1" -> true;
      case "false", "False", "FALSE", "f", "F", "0" -> false;
      default -> throw bad("it does not say whether there is more");
    };
  }

  private static long number(String text) throws StoreException {
    try {
      long value = Long.parseLong(text);
      if (value >= 0) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The same as a negative one.
    }
    throw bad("it has a size that is no number");
  }

  private static StoreException bad(String what) {
    return new StoreException(OTHER, "The store's listing cannot be used: " + what + ".");
  }
}
