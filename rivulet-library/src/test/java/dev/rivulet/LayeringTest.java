package dev.rivulet;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.rivulet.db.Session;
import org.junit.jupiter.api.Test;

/** The house (DESIGN, section 3): an arrow only ever points down. */
class LayeringTest {
  private static final JavaClasses MAIN =
      new ClassFileImporter()
          .importUrl(Session.class.getProtectionDomain().getCodeSource().getLocation());

  @Test
  void packagesAreLayers() {
    layeredArchitecture()
        .consideringOnlyDependenciesInLayers()
        .withOptionalLayers(true)
        .layer("sqlite")
        .definedBy("dev.rivulet.sqlite..")
        .layer("jdbc")
        .definedBy("dev.rivulet.jdbc..")
        .layer("db")
        .definedBy("dev.rivulet.db..")
        .layer("hydrate")
        .definedBy("dev.rivulet.hydrate..")
        .layer("page")
        .definedBy("dev.rivulet.page..")
        .layer("replica")
        .definedBy("dev.rivulet.replica..")
        .layer("ltx")
        .definedBy("dev.rivulet.ltx..")
        .layer("store")
        .definedBy("dev.rivulet.store..")
        .whereLayer("sqlite")
        .mayOnlyBeAccessedByLayers("jdbc")
        .whereLayer("jdbc")
        .mayNotBeAccessedByAnyLayer()
        .whereLayer("db")
        .mayOnlyBeAccessedByLayers("sqlite", "jdbc")
        .whereLayer("hydrate")
        .mayOnlyBeAccessedByLayers("db", "sqlite", "jdbc")
        .whereLayer("page")
        .mayOnlyBeAccessedByLayers("hydrate", "db", "sqlite", "jdbc")
        .whereLayer("replica")
        .mayOnlyBeAccessedByLayers("page", "hydrate", "db", "sqlite", "jdbc")
        .whereLayer("ltx")
        .mayOnlyBeAccessedByLayers("replica", "page", "hydrate", "db", "sqlite", "jdbc")
        .whereLayer("store")
        .mayOnlyBeAccessedByLayers("replica", "page", "hydrate", "db", "sqlite", "jdbc")
        .check(MAIN);
  }

  @Test
  void leavesKnowNothingOfTheHouse() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.rivulet.natives..", "dev.rivulet.log..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "dev.rivulet.sqlite..",
            "dev.rivulet.jdbc..",
            "dev.rivulet.db..",
            "dev.rivulet.page..",
            "dev.rivulet.hydrate..",
            "dev.rivulet.replica..",
            "dev.rivulet.ltx..",
            "dev.rivulet.store..")
        .check(MAIN);
  }

  @Test
  void onlyTheStoreKnowsAwsCrt() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.rivulet.store..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("software.amazon..")
        .check(MAIN);
  }

  @Test
  void whatIsSlowToStartIsNotUsed() {
    // JDBC's own interfaces name java.util.logging; a Java host has paid for it.
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.rivulet.jdbc..")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("java.util.logging..", "java.net.http..", "java.lang.foreign..")
        .because("the open path starts in milliseconds (DESIGN, section 1)")
        .check(MAIN);
  }

  @Test
  void nothingIsPrinted() {
    noClasses()
        .that()
        .resideOutsideOfPackage("dev.rivulet.log..")
        .should()
        .accessField(System.class, "out")
        .because("stdout is the host's")
        .check(MAIN);
  }

  @Test
  void onlyTheLibraryItselfTheJdkAndWhatItNamesAreUsed() {
    classes()
        .that()
        .resideOutsideOfPackages("dev.rivulet.jdbc..", "dev.rivulet.store..")
        .should()
        .onlyDependOnClassesThat()
        .resideInAnyPackage("dev.rivulet..", "java..", "org.jspecify..")
        .check(MAIN);
  }

  @Test
  void pagesAndFormatsDoNotLog() {
    noClasses()
        .that()
        .resideInAnyPackage("dev.rivulet.page..", "dev.rivulet.hydrate..", "dev.rivulet.ltx..")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("dev.rivulet.log..")
        .because("a line for each page is millions of lines for each open")
        .check(MAIN);
  }
}
