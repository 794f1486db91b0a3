/**
 * Object stores: a five-method interface, its implementations and its decorators.
 *
 * <p>Knows nothing of LTX, pages or SQLite. Invariants:
 *
 * <ul>
 *   <li>Every request has a deadline and can be cancelled.
 *   <li>Every failure is a {@link dev.rivulet.store.StoreException} of a {@link
 *       dev.rivulet.store.StoreException.Kind}; what is temporary was retried before it is seen.
 *   <li>No message holds a credential.
 * </ul>
 */
@NullMarked
package dev.rivulet.store;

import org.jspecify.annotations.NullMarked;
