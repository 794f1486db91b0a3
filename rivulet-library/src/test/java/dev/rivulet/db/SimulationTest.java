package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.rivulet.log.Log;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A fixed slice of what {@code ./simulate} runs, and the proof that it would find defects. */
class SimulationTest {
  private static final long STEPS = 1000;

  /** Polls that fail are many here, and on purpose. */
  @BeforeAll
  static void silence() throws IOException {
    Log.configure(Log.Level.ERROR, "");
  }

  @AfterAll
  static void speak() throws IOException {
    Log.configure(Log.Level.WARN, "");
  }

  @Test
  void everyTransactionReadsOneStateWhateverHappensToTheReplica() {
    SimStats all = new SimStats();
    // Files that vanish as fast as they are listed are rare: one seed in fifty.
    for (long seed = 1; seed <= 150 || (all.errors(SimErrors.CHURN) == 0 && seed <= 1000); seed++) {
      all.add(Simulation.run(seed, STEPS, SimDatabase::new));
    }
    // That much was seen, and every kind of error that may be was.
    assertThat(all.transactions).isGreaterThan(8_000);
    assertThat(all.pages).isGreaterThan(80_000);
    assertThat(all.replacements).isGreaterThan(100);
    assertThat(all.kept).isGreaterThan(1_000_000);
    assertThat(all.fills).isGreaterThan(4_000);
    assertThat(all.ends).isGreaterThan(300);
    assertThat(all.kills).isGreaterThan(200);
    assertThat(all.powerLosses).isGreaterThan(200);
    assertThat(all.damages).isGreaterThan(30);
    assertThat(all.completions).isGreaterThan(500);
    for (SimErrors error : SimErrors.values()) {
      if (error != SimErrors.NEVER) {
        assertThat(all.errors(error)).as("%s in %s", error, all).isPositive();
      }
    }
    assertThat(all.errors(SimErrors.NEVER)).isZero();
  }

  @Test
  void theSameSeedDoesTheSameThings() {
    for (long seed = 1; seed <= 10; seed++) {
      String once = Simulation.run(seed, STEPS, SimDatabase::new).toString();
      assertThat(Simulation.run(seed, STEPS, SimDatabase::new)).hasToString(once);
    }
  }

  @Test
  void aFollowerWithoutDefectsPasses() {
    for (long seed = 1; seed <= 40; seed++) {
      var _ = Simulation.run(seed, STEPS, planted(PlantedFollower.Defect.NONE));
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void aPlantedDefectIsFoundWithinAThousandSeeds(PlantedFollower.Defect defect) {
    isFound(defect, planted(defect));
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedDefectOfHydrationIsFoundWithinAThousandSeeds(PlantedHydration.Defect defect) {
    isFound(
        defect,
        (store, cache, clock, disk) -> new PlantedHydration(defect, store, cache, clock, disk));
  }

  private static void isFound(Enum<?> defect, Simulation.Subjects subjects) {
    for (long seed = 1; seed <= 1000; seed++) {
      try {
        var _ = Simulation.run(seed, STEPS, subjects);
      } catch (SimFailure e) {
        assertThat(e).hasMessageStartingWith("seed " + seed + ": ");
        assertThat(e).hasMessageContaining("The last things that happened:");
        return;
      }
    }
    fail("%s is not found", defect);
  }

  private static Simulation.Subjects planted(PlantedFollower.Defect defect) {
    return (store, cache, clock, disk) -> new PlantedFollower(defect, store, cache);
  }
}
