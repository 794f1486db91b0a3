package dev.rivulet.db;

import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.PlanException;
import dev.rivulet.store.StoreException;
import java.io.IOException;

/** Which errors a reader may get, and what must have happened for each. */
enum SimErrors {
  /** The page of an open transaction is in no file any more. */
  GONE,
  /** The replica was replaced by another: open again. */
  REPLACED,
  /** The store failed. */
  STORE,
  /** Files vanished as fast as they were listed. */
  CHURN,
  /** There is no file at all. */
  EMPTY,
  /** None that is documented. */
  NEVER;

  static SimErrors of(IOException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("is no longer in the replica")) {
      return GONE;
    }
    if (message.contains("was replaced by another history")) {
      return REPLACED;
    }
    if (e instanceof StoreException s && s.kind() == StoreException.Kind.TEMPORARY) {
      return STORE;
    }
    PlanException plan =
        e instanceof PlanException p ? p : e.getCause() instanceof PlanException q ? q : null;
    if (plan != null) {
      return plan.reason() == PlanException.Reason.EMPTY ? EMPTY : CHURN;
    }
    if (e instanceof StaleFileException) {
      return CHURN;
    }
    return NEVER;
  }
}
