package dev.rivulet.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.ltx.Txid;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlannerTest {
  @ParameterizedTest(name = "{0} gives {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0:1                                    | 0:1
          0:1 0:2 0:3                            | 0:1 0:2 0:3
          9:1-3 0:1 0:2 0:3                      | 9:1-3
          9:1-2 0:1 0:2 0:3                      | 9:1-2 0:3
          9:1-2 9:1-5 0:3 0:4 0:5 0:6            | 9:1-5 0:6
          1:1-3 0:1 0:2 0:3 0:4                  | 1:1-3 0:4
          2:1-6 1:1-3 1:4-6 0:6 0:7              | 2:1-6 0:7
          9:1-50 1:41-60 1:61-70 0:69 0:70 0:71  | 9:1-50 1:41-60 1:61-70 0:71
          9:1-50 2:31-60 1:51-60                 | 9:1-50 2:31-60
          9:1-50 2:51-60 1:51-60                 | 9:1-50 2:51-60
          9:1-4 1:3-5 1:4-8 0:9                  | 9:1-4 1:4-8 0:9
          3:1-9 2:1-9 1:1-9 9:1-9                | 9:1-9
          """)
  void theNewestStateIsCoveredByTheFilesThatReachFurthest(String files, String plan)
      throws Exception {
    List<LtxFile> listing = Files.of(files);
    assertThat(Files.text(Planner.latest(listing).files())).isEqualTo(plan);
    Collections.reverse(listing);
    assertThat(Files.text(Planner.latest(listing).files())).isEqualTo(plan);
  }

  @ParameterizedTest(name = "{1} of {0} gives {2}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          9:1-5 0:1 0:2 0:3 0:4 0:5 0:6 | 3 | 0:1 0:2 0:3
          9:1-5 0:6 0:7                 | 5 | 9:1-5
          9:1-5 0:6 0:7                 | 6 | 9:1-5 0:6
          9:1-5 1:4-8 0:6 0:7 0:8       | 7 | 9:1-5 0:6 0:7
          9:1-5 1:4-8 0:6 0:7 0:8       | 8 | 9:1-5 1:4-8
          9:1-2 9:1-9 1:1-4 0:5         | 5 | 9:1-2 1:1-4 0:5
          9:1-5 0:9                     | 5 | 9:1-5
          """)
  void aTransactionIsReachedExactly(String files, long txid, String plan) throws Exception {
    assertThat(Files.text(Planner.at(Files.of(files), new Txid(txid)).files())).isEqualTo(plan);
  }

  @Test
  void noFilesAtAllAreAnEmptyReplica() {
    assertThatThrownBy(() -> Planner.latest(List.of()))
        .isInstanceOfSatisfying(
            PlanException.class, e -> assertThat(e.reason()).isEqualTo(PlanException.Reason.EMPTY));
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          0:1 0:2 0:5    | its files reach TXID 0000000000000002, but the next one begins at 0000000000000005
          9:1-4 1:7-9    | its files reach TXID 0000000000000004, but the next one begins at 0000000000000007
          0:3 0:4        | its first file begins at TXID 0000000000000003; the snapshot before it is missing
          1:11-20 0:21   | its first file begins at TXID 000000000000000b; the snapshot before it is missing
          """)
  void aGapIsNeverSkipped(String files, String message) {
    assertThatThrownBy(() -> Planner.latest(Files.of(files)))
        .isInstanceOfSatisfying(
            PlanException.class, e -> assertThat(e.reason()).isEqualTo(PlanException.Reason.GAP))
        .hasMessage(message);
  }

  @Test
  void aTransactionInsideAMergedFileNamesItsNeighbours() {
    assertThatThrownBy(() -> Planner.at(Files.of("9:1-4 1:5-9"), new Txid(7)))
        .isInstanceOf(PlanException.class)
        .hasMessage(
            "the state at TXID 0000000000000007 cannot be had (any more); the nearest before it is"
                + " 0000000000000004; the nearest after it is 0000000000000009");
  }

  @Test
  void aTimeTakesOnlyFilesStrictlyOlder() throws Exception {
    List<LtxFile> files = Files.of("0:1 0:2 0:3");
    Plan plan = Planner.before(files, f -> f.max().value() * 10, 30);
    assertThat(Files.text(plan.files())).isEqualTo("0:1 0:2");
    assertThatThrownBy(() -> Planner.before(files, f -> f.max().value() * 10, 10))
        .isInstanceOfSatisfying(
            PlanException.class,
            e -> assertThat(e.reason()).isEqualTo(PlanException.Reason.NOT_AVAILABLE));
  }

  @Test
  void theLastTransactionOfAllDoesNotOverflow() throws Exception {
    List<LtxFile> files = List.of(Files.file(9, 1, -3), Files.file(0, -2, -2));
    assertThat(Planner.latest(files).txid()).isEqualTo(new Txid(-2));
  }

  @Test
  void itPlansAsLitestreamDoesOnAnyListing() throws Exception {
    long seed = System.nanoTime();
    for (int round = 0; round < 2000; round++) {
      List<LtxFile> files = Files.random(new Random(seed + round));
      String what = "seed " + (seed + round) + ": " + Files.text(files);
      List<LtxFile> shuffled = new ArrayList<>(files);
      Collections.shuffle(shuffled, new Random(round));

      assertThat(plan(() -> Planner.latest(shuffled).files()))
          .as("newest, " + what)
          .isEqualTo(plan(() -> ReferencePlan.latest(files)));
      for (long txid = 1; txid < 45; txid += 6) {
        long t = txid;
        assertThat(plan(() -> Planner.at(shuffled, new Txid(t)).files()))
            .as("TXID " + t + ", " + what)
            .isEqualTo(plan(() -> ReferencePlan.at(files, t)));
        // A clock that now and then steps back.
        assertThat(plan(() -> Planner.before(shuffled, f -> time(f), t * 10).files()))
            .as("time " + t * 10 + ", " + what)
            .isEqualTo(plan(() -> ReferencePlan.before(files, f -> time(f) < t * 10)));
      }
    }
  }

  private static long time(LtxFile file) {
    return file.max().value() * 10 - (file.max().value() % 7 == 0 ? 50 : 0);
  }

  private static String plan(Callable<List<LtxFile>> plan) throws Exception {
    try {
      return Files.text(plan.call());
    } catch (PlanException | ReferencePlan.Refused e) {
      return "refused";
    }
  }
}
