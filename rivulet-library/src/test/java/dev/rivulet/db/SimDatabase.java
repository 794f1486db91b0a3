package dev.rivulet.db;

import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.View;
import java.io.IOException;
import java.util.Map;

/** The real thing. */
final class SimDatabase implements SimSubject {
  private final Settings settings = Opened.settings(Map.of());
  private final Database database;

  SimDatabase(SimStore store, PageCache cache, SimClock clock) {
    database = new Database(settings, store, cache, NetworkModel.fixed(0.025, 85e6), clock);
  }

  @Override
  public Connection connect() throws IOException {
    Session session = database.openSession(settings, Opened.NEVER);
    database.retain();
    return new Connection() {
      @Override
      public void begin() throws IOException {
        session.begin();
      }

      @Override
      public void end() {
        session.end();
      }

      @Override
      public View view() {
        return session.view();
      }

      @Override
      public long size() {
        return session.size();
      }

      @Override
      public boolean read(long to, int length, long offset) throws IOException {
        return session.read(to, length, offset);
      }

      @Override
      public void close() {
        session.close();
      }
    };
  }

  @Override
  public void poll() throws IOException {
    var _ = database.poll(Opened.NEVER);
  }

  @Override
  public void close() {
    database.close();
  }
}
