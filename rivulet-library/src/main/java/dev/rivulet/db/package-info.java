/**
 * One shared live database: settings, the newest view, and the sessions that read views.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>State that must outlive a connection belongs to the {@link dev.rivulet.db.Database}, of
 *       which there is one per replica and process.
 *   <li>A session keeps the view it began a read transaction with until the transaction ends.
 *   <li>Equal view numbers mean the same state; views away in time have a range of their own.
 *   <li>Which files are older than a time is decided by their headers, never by upload times.
 *   <li>No wait is without end: each has the store's deadlines under it, and asks whether it was
 *       interrupted.
 * </ul>
 */
@NullMarked
package dev.rivulet.db;

import org.jspecify.annotations.NullMarked;
