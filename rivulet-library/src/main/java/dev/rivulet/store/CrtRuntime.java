package dev.rivulet.store;

import dev.rivulet.natives.ExitHandler;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.CRT;
import software.amazon.awssdk.crt.io.ClientBootstrap;
import software.amazon.awssdk.crt.io.EventLoopGroup;
import software.amazon.awssdk.crt.io.HostResolver;

/**
 * What all S3 stores of the process share of aws-crt: its threads and its resolver.
 *
 * <p>aws-crt stalls {@code exit()} for more than a second if anything of it is still open, so every
 * store is known here, and {@link #shutdownAll} closes the lot.
 */
final class CrtRuntime {
  /**
   * One thread moves over 1 GB/s; the second keeps lookups going while one decodes a scan's page.
   */
  private static final int THREADS = 2;

  /** Endpoints of a process; each entry is an address list. */
  private static final int MAX_HOSTS = 64;

  /** The exit handler's whole budget. Closing takes 1 to 5 ms. */
  private static final long SHUTDOWN_MILLIS = 40;

  private static @Nullable CrtRuntime shared;

  /** Whether aws-crt has been told to stay. */
  private static boolean held;

  private final EventLoopGroup group;
  private final HostResolver resolver;
  private final ClientBootstrap bootstrap;
  private final Set<S3Store> stores = new LinkedHashSet<>();

  private CrtRuntime() {
    hold();
    group = new EventLoopGroup(THREADS);
    resolver = new HostResolver(group, MAX_HOSTS);
    bootstrap = new ClientBootstrap(group, resolver);
    // aws-crt's own exit handler waits a second for what only shutdownAll ends: ours goes first.
    ExitHandler.renew();
  }

  /**
   * Keeps aws-crt from cutting itself off from Java in a shutdown hook of its own. Beside it, in
   * hooks of the host, a server may be answering its last requests, and what it waits for from S3
   * would never come. Never given back: once the threads have ended, nothing calls Java.
   */
  private static void hold() {
    if (!held) {
      CRT.acquireShutdownRef();
      held = true;
    }
  }

  ClientBootstrap bootstrap() {
    return bootstrap;
  }

  /** Of a store that is being made; {@link #forget} it once it is closed. */
  static synchronized CrtRuntime of(S3Store store) {
    CrtRuntime runtime = shared;
    if (runtime == null) {
      runtime = new CrtRuntime();
      shared = runtime;
    }
    runtime.stores.add(store);
    return runtime;
  }

  void forget(S3Store store) {
    synchronized (CrtRuntime.class) {
      stores.remove(store);
    }
  }

  /** Closes every S3 store and what they share. Idempotent; a store may be opened afterwards. */
  static void shutdownAll() {
    shutdown(false);
  }

  /** Closes what S3 stores share if there is none at present. A store may be opened afterwards. */
  static void shutdownUnused() {
    shutdown(true);
  }

  private static void shutdown(boolean ifUnused) {
    CrtRuntime runtime;
    List<S3Store> open;
    synchronized (CrtRuntime.class) {
      runtime = shared;
      if (runtime == null || (ifUnused && !runtime.stores.isEmpty())) {
        return;
      }
      shared = null;
      open = new ArrayList<>(runtime.stores);
    }
    for (S3Store store : open) {
      store.close();
    }
    runtime.end();
  }

  private void end() {
    CompletableFuture<Void> ended = group.getShutdownCompleteFuture();
    bootstrap.close();
    resolver.close();
    group.close();
    try {
      ended.get(SHUTDOWN_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (java.util.concurrent.ExecutionException | TimeoutException e) {
      // A connection that will not end is the process's end's to deal with.
    }
  }
}
