package dev.rivulet.testing;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import java.util.BitSet;
import java.util.Random;

/**
 * A shop's database: customers, orders, items and products, with five secondary indexes, 4 KiB
 * pages. Rows come in the order in which a shop would write them (a customer now and then, an order
 * with its items), so the tables' and indexes' pages lie interleaved in the file, and its text
 * compresses as little as text with keys and tokens in it does. The same size gives the same
 * statements every time.
 */
public final class ShopDatabase {

  /**
   * How large a shop.
   *
   * @param customers number of customers; the other tables follow from it
   * @param scatteredRows rows of items that belong to {@link #scatteredProduct}
   */
  public record Size(int customers, int scatteredRows) {

    /** About 24 500 pages, 100 MB; 83 MB as one LTX snapshot. */
    public static final Size LARGE = new Size(50_000, 663);

    /** About 1 MB. */
    public static final Size SMALL = new Size(500, 7);

    /** Three orders a customer. */
    public int orders() {
      return 3 * customers;
    }

    /** 1 to 7 an order. */
    int items() {
      return 4 * orders();
    }

    int products() {
      return Math.max(16, customers * 4 / 25);
    }

    int someOrder() {
      return orders() / 2 + 7;
    }

    int someCustomer() {
      return customers / 3;
    }

    int scatteredProduct() {
      return products() / 2;
    }
  }

  private static final String SCHEMA =
      """
      PRAGMA page_size = 4096;
      PRAGMA synchronous = OFF;
      PRAGMA cache_size = -200000;
      BEGIN;
      CREATE TABLE customers(id INTEGER PRIMARY KEY, name TEXT, email TEXT, city TEXT,
        address TEXT, credit INTEGER, token TEXT);
      CREATE TABLE products(id INTEGER PRIMARY KEY, name TEXT, price INTEGER, stock INTEGER,
        replaced_by INTEGER REFERENCES products(id), description TEXT);
      CREATE TABLE orders(id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id),
        placed_at TEXT, status TEXT, total INTEGER, note TEXT);
      CREATE TABLE items(id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders(id),
        product_id INTEGER REFERENCES products(id), quantity INTEGER, price INTEGER, note TEXT);
      CREATE INDEX customers_by_email ON customers(email);
      CREATE INDEX orders_by_customer ON orders(customer_id);
      CREATE INDEX orders_by_time ON orders(placed_at);
      CREATE INDEX items_by_order ON items(order_id);
      CREATE INDEX items_by_product ON items(product_id);
      """;

  private static final String[] WORDS =
      ("amber anvil apple arrow barrel basket beacon birch blanket bottle bridge bronze bucket "
              + "candle canvas carpet cedar chisel cotton crystal dagger denim falcon feather "
              + "flannel fountain garnet ginger granite hammer harbor hazel indigo ivory jasper "
              + "kettle ladder lantern linen lumber magnet maple marble meadow mirror needle "
              + "olive orchard oyster paddle pebble pepper pillow plaster quartz ribbon saddle "
              + "saffron shovel silver spindle teapot thimble timber velvet walnut whistle willow")
          .split(" ");
  private static final String[] CITIES = {
    "Lisbon", "Oslo", "Kyoto", "Quito", "Tartu", "Perth", "Leeds", "Graz", "Bergen", "Izmir"
  };
  private static final String[] STATES = {"new", "paid", "packed", "shipped", "returned"};
  private static final String TOKEN =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

  private static final LocalDateTime FIRST_ORDER = LocalDateTime.of(2023, 11, 14, 22, 13, 20);
  private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss");

  private final Size size;
  private final Writer sql;
  private final Random random;
  private final BitSet scattered;
  private int items;

  private ShopDatabase(Size size, Writer sql) {
    this.size = size;
    this.sql = sql;
    this.random = new Random(size.customers());
    this.scattered = new BitSet();
    // Orders have 4 items on average and never fewer than 3.9 over so many, so the last few are
    // left out of the draw; each of the drawn ones is written.
    while (scattered.cardinality() < size.scatteredRows()) {
      scattered.set(1 + random.nextInt(size.items() * 9 / 10));
    }
  }

  /**
   * Makes the database with the {@code sqlite3} program. The file appears whole, or not at all.
   *
   * @throws IOException if sqlite3 is missing or fails
   */
  public static void create(Path file, Size size) throws IOException {
    Path staging = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(staging);
    Process sqlite =
        new ProcessBuilder("sqlite3", "-batch", "-bail", staging.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (Writer sql = new BufferedWriter(sqlite.outputWriter(StandardCharsets.US_ASCII), 1 << 16)) {
      new ShopDatabase(size, sql).write();
    }
    try {
      if (sqlite.waitFor() != 0) {
        throw new IOException("sqlite3 could not make " + staging);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted while sqlite3 was running", e);
    }
    Files.move(staging, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private void write() throws IOException {
    sql.write(SCHEMA);
    for (int id = 1; id <= size.products(); id++) {
      product(id);
    }
    int order = 0;
    for (int customer = 1; customer <= size.customers(); customer++) {
      customer(customer);
      for (int n = 0; n < 3; n++) {
        order(++order, 1 + random.nextInt(customer));
      }
    }
    sql.write("COMMIT;\n");
  }

  private void product(int id) throws IOException {
    insert(
        "products",
        id,
        words(3),
        price(),
        random.nextInt(1000),
        1 + random.nextInt(size.products()),
        words(30) + " " + token(250));
  }

  private void customer(int id) throws IOException {
    insert(
        "customers",
        id,
        words(2),
        token(8) + word() + "@example.org",
        CITIES[random.nextInt(CITIES.length)],
        (1 + random.nextInt(999)) + " " + word() + " street",
        random.nextInt(100_000),
        token(120));
  }

  private void order(int id, int customer) throws IOException {
    int count = 1 + random.nextInt(7);
    int total = 0;
    for (int n = 0; n < count; n++) {
      int quantity = 1 + random.nextInt(5);
      int price = price();
      total += quantity * price;
      insert("items", ++items, id, productOfItem(items), quantity, price, token(55));
    }
    insert(
        "orders",
        id,
        customer,
        TIME.format(FIRST_ORDER.plusSeconds(id * 211L + random.nextInt(200))),
        STATES[random.nextInt(STATES.length)],
        total,
        words(3) + " " + token(45));
  }

  private int productOfItem(int item) {
    if (scattered.get(item)) {
      return size.scatteredProduct();
    }
    int other = 1 + random.nextInt(size.products() - 1);
    return other < size.scatteredProduct() ? other : other + 1;
  }

  /** No text here holds a quote. */
  private void insert(String table, Object... values) throws IOException {
    sql.append("INSERT INTO ").append(table).append(" VALUES");
    char before = '(';
    for (Object value : values) {
      sql.append(before);
      sql.append(value instanceof String ? "'" + value + "'" : value.toString());
      before = ',';
    }
    sql.append(");\n");
  }

  private int price() {
    return 99 + random.nextInt(20_000);
  }

  private String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }

  private String words(int count) {
    StringBuilder text = new StringBuilder(word());
    for (int i = 1; i < count; i++) {
      text.append(' ').append(word());
    }
    return text.toString();
  }

  private String token(int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(TOKEN.charAt(random.nextInt(TOKEN.length())));
    }
    return text.toString();
  }
}
