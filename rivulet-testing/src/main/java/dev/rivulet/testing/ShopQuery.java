package dev.rivulet.testing;

/** The questions that the benchmarks ask of a {@link ShopDatabase}, each answered in one line. */
public enum ShopQuery {
  /** Needs page 1 and what it leads to. */
  SCHEMA("SELECT count(*) FROM sqlite_schema"),

  /** One way down one table. */
  ROW("SELECT id, customer_id, placed_at, status, total, note FROM orders WHERE id = %1$d"),

  /** A lookup, an index range and a few lookups. */
  ORDER(
      """
      SELECT o.id, o.status, count(*), sum(i.quantity * i.price), max(p.name)
      FROM orders o JOIN items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id
      WHERE o.id = %1$d\
      """),

  /** Everything that one customer bought, and what has replaced it since. */
  JOIN(
      """
      SELECT c.name, count(*), sum(i.quantity), max(p.name), max(r.name)
      FROM customers c JOIN orders o ON o.customer_id = c.id JOIN items i ON i.order_id = o.id
        JOIN products p ON p.id = i.product_id JOIN products r ON r.id = p.replaced_by
      WHERE c.id = %2$d\
      """),

  /** Rows of one product, found by an index and scattered over the whole largest table. */
  SCATTERED("SELECT count(*), sum(quantity * price), max(note) FROM items WHERE product_id = %3$d"),

  /** Reads every page of every table. */
  SUM(
      """
      SELECT (SELECT sum(credit) FROM customers), (SELECT sum(total) FROM orders),
        (SELECT sum(quantity * price) FROM items), (SELECT sum(stock) FROM products)\
      """);

  private final String text;

  ShopQuery(String text) {
    this.text = text;
  }

  /** The query, on one line, for a database of this size. */
  public String sql(ShopDatabase.Size size) {
    return text.formatted(size.someOrder(), size.someCustomer(), size.scatteredProduct())
            .replaceAll("\\s+", " ")
        + ";";
  }
}
