package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PieceSplitterTest {
  private static final int PAGES = 30;

  private final ReplicaBuilder replica = new ReplicaBuilder(512);
  private final ReplicaPages pages =
      new ReplicaPages(replica.store(), new PageCache(1 << 20), Lab.FAR);

  private byte[] whole = {};
  private IndexedFile file;

  @BeforeEach
  void aFile() {
    replica.touch(PAGES);
    LtxFile listed = replica.file(0, 1, 1);
    whole = replica.bytes(listed);
    file = pages.load(new Plan(List.of(listed))).join().getFirst();
  }

  /** Writes down what comes, in the order in which it comes. */
  private final class Log implements FrameSink {
    private final ByteArrayOutputStream all = new ByteArrayOutputStream();
    private final List<Integer> ranks = new ArrayList<>();
    private int beside;

    @Override
    public void frame(int rank, byte[] bytes, int offset) {
      ranks.add(rank);
      all.write(bytes, offset, file.index().size(rank));
    }

    @Override
    public void beside(byte[] bytes, int offset, int length) {
      beside += length;
      all.write(bytes, offset, length);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 99, 100, 101, 1000, 1 << 20})
  void howeverTheBytesAreCutFramesComeWholeAndTheRestAsItIs(int cut) {
    Log log = new Log();
    PieceSplitter splitter = new PieceSplitter(file.index(), 0, PAGES, 0, log);
    for (int at = 0; at < whole.length; at += cut) {
      splitter.accept(whole, at, Math.min(cut, whole.length - at));
    }
    assertThat(log.all.toByteArray()).isEqualTo(whole);
    assertThat(log.ranks).isEqualTo(IntStream.range(0, PAGES).boxed().toList());
    FrameIndex index = file.index();
    assertThat(log.beside).isEqualTo(whole.length - (index.framesEnd() - index.offset(0)));
  }

  @Test
  void piecesWithoutGapsAreTheWholeFile() {
    Log log = new Log();
    int[] cuts = {0, 1, 10, PAGES - 1, PAGES};
    for (int i = 1; i < cuts.length; i++) {
      pages.fetchPiece(file, cuts[i - 1], cuts[i], log).join();
    }
    assertThat(log.all.toByteArray()).isEqualTo(whole);
  }
}
