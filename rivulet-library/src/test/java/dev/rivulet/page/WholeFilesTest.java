package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Plans of several files that are read whole, and rewrite each other's pages. */
class WholeFilesTest {
  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final RecordingStore store = new RecordingStore(replica.store());
  private final PageCache cache = new PageCache(32 << 20);
  private final ReplicaPages pages = new ReplicaPages(store, cache, Lab.FAR);

  @BeforeEach
  void threeFilesOverEachOther() {
    replica.touch(600, IntStream.rangeClosed(1, 600).toArray());
    replica.touch(600, IntStream.rangeClosed(1, 500).toArray());
    replica.touch(600, 7, 8, 9);
  }

  private LtxFile file(int txid) {
    return replica.file(0, txid, txid);
  }

  private static long cached(PageCache cache, IndexedFile file) {
    return IntStream.rangeClosed(1, 600).filter(pgno -> cache.contains(file.id(), pgno)).count();
  }

  @Test
  void onlyThePagesThatAViewNeedsAreDecoded() throws Exception {
    View view = pages.view(new Plan(List.of(file(1), file(2), file(3))), 1).join();
    assertThat(store.gets()).isEqualTo(3);
    List<IndexedFile> loaded = pages.load(view.plan()).join();
    assertThat(cached(cache, loaded.get(0))).isEqualTo(100);
    assertThat(cached(cache, loaded.get(1))).isEqualTo(497);
    assertThat(cached(cache, loaded.get(2))).isEqualTo(3);
    for (int pgno = 1; pgno <= 600; pgno++) {
      assertThat(Lab.read(pages.reader(), view, pgno)).isEqualTo(replica.page(3, pgno));
    }
    assertThat(store.gets()).as("all of it was there").isEqualTo(3);
  }

  @Test
  void aDamagedFrameAmongManyHurtsOnlyWhoWantsIt() throws Exception {
    // The low byte of the first frame's page number, in a file whose page 1 nobody needs.
    LtxFile bad = replica.damage(file(1), LtxHeader.SIZE + 3, 0x40);
    View view = pages.view(new Plan(List.of(bad, file(2), file(3))), 1).join();
    assertThat(Lab.read(pages.reader(), view, 1)).isEqualTo(replica.page(3, 1));
    assertThat(Lab.read(pages.reader(), view, 600)).isEqualTo(replica.page(3, 600));
    LtxFile worse = replica.damage(file(2), LtxHeader.SIZE + 3, 0x40);
    ReplicaPages others = new ReplicaPages(store, new PageCache(32 << 20), Lab.FAR);
    View other = others.view(new Plan(List.of(file(1), worse, file(3))), 1).join();
    assertThat(Lab.read(others.reader(), other, 2)).isEqualTo(replica.page(3, 2));
    assertThatThrownBy(() -> Lab.read(others.reader(), other, 1))
        .isInstanceOf(DamagedFileException.class);
  }

  @Test
  void aFileOfFewPagesIsVerifiedBeforeAnythingOfItIsBelieved() {
    // A bit in the middle of a frame: still a frame, perhaps of another content.
    LtxFile bad = replica.damage(file(3), file(3).size() / 2, 0x10);
    assertThatThrownBy(() -> pages.view(new Plan(List.of(file(1), file(2), bad)), 1).join())
        .hasCauseInstanceOf(DamagedFileException.class);
  }

  @Test
  void whatIsHeldForViewsToComeIsBounded() {
    WholeFiles whole = new WholeFiles(cache, new TreeHints());
    View view = pages.view(new Plan(List.of(file(1))), 1).join();
    LtxHeader header = pages.load(view.plan()).join().getFirst().header();
    var index = pages.load(view.plan()).join().getFirst().index();
    for (int id = 1_000; id < 1_040; id++) {
      whole.put(new IndexedFile(id, file(1), header, index), new byte[1 << 20]);
    }
    assertThat(whole.heldBytes()).isEqualTo(16 << 20);
    whole.drop(new IndexedFile(1_039, file(1), header, index));
    assertThat(whole.heldBytes()).isEqualTo(15 << 20);
  }

  @Test
  void ofAPlanThatCannotBeReadNothingIsHeld() {
    LtxFile gone = file(3);
    replica.delete(0, 3, 3);
    Plan plan = new Plan(List.of(file(1), file(2), gone));
    assertThatThrownBy(() -> pages.view(plan, 1).join())
        .hasCauseInstanceOf(StaleFileException.class);
    assertThat(pages.heldBytes()).isZero();
  }
}
