package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import org.jspecify.annotations.Nullable;

/** Takes one object's bytes, having made sure that they are the ones that were asked for. */
final class S3Read implements HttpResponse.Target {
  private final GetRequest get;
  private final ByteSink sink;
  private long left;
  private @Nullable ObjectVersion version;

  S3Read(GetRequest get, ByteSink sink) {
    this.get = get;
    this.sink = sink;
    left = get.range().length();
  }

  @Override
  public boolean wants(ResponseHead head) throws StoreException {
    int status = head.status();
    if (status != 206 && status != 200) {
      return false;
    }
    head.checkBody("reading object " + get.key());
    String etag = Etags.of(head.get("etag"));
    if (!get.ifMatch().isEmpty() && etag.isEmpty()) {
      throw new StoreException(
          OTHER,
          "The store's answer has no ETag, so nothing tells whether object "
              + get.key()
              + " is the one that was listed; something between it and here may take it away, or"
              + " answer in its place.");
    }
    if (!get.ifMatch().isEmpty() && !Etags.same(get.ifMatch(), etag)) {
      throw MemoryStore.changed(get.key());
    }
    ByteRange range = get.range();
    long first = 0;
    long last = head.number("content-length") - 1;
    long size = last + 1;
    if (status == 206) {
      ResponseHead.ContentRange told = head.contentRange();
      first = told.first();
      last = told.last();
      size = told.size();
    }
    if (first == range.offset() && last < range.end() - 1 && last >= 0) {
      throw MemoryStore.beyond(get, size);
    }
    if (first != range.offset() || last != range.end() - 1) {
      throw new StoreException(
          OTHER,
          "The store sent other bytes of object "
              + get.key()
              + " than were asked for; something between it and here does not know ranges.");
    }
    version = new ObjectVersion(get.ifMatch().isEmpty() ? etag : get.ifMatch(), size);
    sink.begin(version);
    return true;
  }

  @Override
  public void accept(byte[] bytes) {
    if (bytes.length > left) {
      throw new IllegalStateException("more bytes than the answer's headers told");
    }
    left -= bytes.length;
    sink.accept(bytes, 0, bytes.length);
  }

  ObjectVersion finished() throws StoreException {
    ObjectVersion known = version;
    if (known == null || left != 0) {
      throw new StoreException(
          TEMPORARY, "Object " + get.key() + " ended " + left + " bytes too early.");
    }
    return known;
  }
}
