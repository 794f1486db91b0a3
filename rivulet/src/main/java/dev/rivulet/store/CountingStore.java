package dev.rivulet.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;

public final class CountingStore implements ObjectStore {
  final ObjectStore s;
  long lists, gets;

  public CountingStore(ObjectStore s) {
    this.s = s;
  }

  @Override
  public CompletableFuture<ListPage> list(String p, String a, int l) {
    lists++;
    return s.list(p, a, l);
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest r, ByteSink k) {
    gets++;
    return s.get(r, k);
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest r) {
    return s.put(r);
  }

  @Override
  public CompletableFuture<Void> delete(List<String> k) {
    return s.delete(k);
  }

  @Override
  public void close() {
    s.close();
  }

  public long lists() {
    return lists;
  }

  public long gets() {
    return gets;
  }

  public long puts() {
    return 0;
  }

  public long deletes() {
    return 0;
  }

  public long errors() {
    return 0;
  }

  public long bytesRead() {
    return 0;
  }
}
