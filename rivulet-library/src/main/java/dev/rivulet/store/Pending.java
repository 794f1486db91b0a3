package dev.rivulet.store;

import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A future that passes its cancellation on to the request it stands for, which {@code
 * CompletableFuture}'s own combinators do not, and that fails with {@link StoreException} only.
 */
class Pending<T> extends CompletableFuture<T> {
  private volatile @Nullable CompletableFuture<?> work;

  /** What a cancellation shall end from now on; replaces what was named before. */
  final void standsFor(CompletableFuture<?> newWork) {
    work = newWork;
    // It may have been cancelled between the start of the work and this call.
    if (isCancelled()) {
      newWork.cancel(true);
    }
  }

  /** Ends as the other one does. */
  final void follow(CompletableFuture<T> other) {
    standsFor(other);
    var unused =
        other.whenComplete((value, failure) -> {
          if (failure == null) {
            complete(value);
          } else {
            completeExceptionally(StoreException.from(failure));
          }
        });
  }

  /** Fails now, and ends the work. */
  final void giveUp(StoreException failure) {
    completeExceptionally(failure);
    CompletableFuture<?> current = work;
    if (current != null) {
      current.cancel(true);
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

  /** The next step after a request; what it throws is the failure. */
  interface Step<A, B> {
    B apply(A value) throws StoreException;
  }

  /** The result of {@code from}, converted. */
  static <A, B> CompletableFuture<B> of(CompletableFuture<A> from, Step<A, B> step) {
    return then(from, value -> CompletableFuture.completedFuture(step.apply(value)));
  }

  /** The result of {@code from}, its failure made clearer. */
  static <T> CompletableFuture<T> failing(
      CompletableFuture<T> from, UnaryOperator<StoreException> explain) {
    Pending<T> pending = new Pending<>();
    pending.standsFor(from);
    var unused =
        from.whenComplete((value, failure) -> {
          if (failure == null) {
            pending.complete(value);
          } else {
            pending.completeExceptionally(explain.apply(StoreException.from(failure)));
          }
        });
    return pending;
  }

  /** One request after the other. */
  static <A, B> CompletableFuture<B> then(
      CompletableFuture<A> from, Step<A, CompletableFuture<B>> step) {
    Pending<B> pending = new Pending<>();
    pending.standsFor(from);
    var unused =
        from.whenComplete((value, failure) -> {
          if (failure != null) {
            pending.completeExceptionally(StoreException.from(failure));
          } else if (!pending.isDone()) {
            try {
              pending.follow(step.apply(value));
            } catch (StoreException | RuntimeException e) {
              pending.completeExceptionally(StoreException.from(e));
            }
          }
        });
    return pending;
  }
}
