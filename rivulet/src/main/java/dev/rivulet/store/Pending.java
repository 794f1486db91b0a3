package dev.rivulet.store;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A future that passes its cancellation on to the request it stands for, which {@code
 * CompletableFuture}'s own combinators do not.
 */
final class Pending<T> extends CompletableFuture<T> {
  private volatile @Nullable CompletableFuture<?> work;

  /** What a cancellation shall end from now on; replaces what was named before. */
  void standsFor(CompletableFuture<?> newWork) {
    work = newWork;
    // It may have been cancelled between the start of the work and this call.
    if (isCancelled()) {
      newWork.cancel(true);
    }
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    CompletableFuture<?> current = work;
    if (cancelled && current != null) {
      current.cancel(true);
    }
    return cancelled;
  }

  /** A conversion of a finished request's result, which may find it wanting. */
  interface Step<A, B> {
    B apply(A value) throws StoreException;
  }

  /** The result of {@code from}, converted; every failure is a {@link StoreException}. */
  static <A, B> CompletableFuture<B> of(CompletableFuture<A> from, Step<A, B> step) {
    Pending<B> pending = new Pending<>();
    pending.standsFor(from);
    var unused =
        from.whenComplete((value, failure) -> {
          if (failure != null) {
            pending.completeExceptionally(StoreException.from(failure));
            return;
          }
          try {
            pending.complete(step.apply(value));
          } catch (StoreException | RuntimeException e) {
            pending.completeExceptionally(StoreException.from(e));
          }
        });
    return pending;
  }
}
