package dev.rivulet.bench;

import dev.rivulet.testing.Exchange.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Prints results as they come, and keeps them for a JSON file. */
final class Report {

  private final List<Row> rows = new ArrayList<>();
  private final List<Fact> facts = new ArrayList<>();

  void add(Row row) {
    if (rows.isEmpty()) {
      System.out.println(Row.HEADING);
    }
    rows.add(row);
    System.out.println(row);
  }

  void add(Fact fact) {
    facts.add(fact);
    System.out.println(fact);
  }

  void end() {
    if (rows.stream().anyMatch(r -> r.theirs().isEmpty() && r.theirSeconds().isPresent())) {
      System.out.println("* recorded before on a 2-core machine, not measured in this run");
    }
    long missed =
        rows.stream().filter(Row::missed).count()
            + facts.stream().filter(f -> f.met().equals(Optional.of(false))).count();
    if (rows.stream().anyMatch(r -> r.ours().isEmpty())) {
      System.out.println("Rivulet was not measured: run ./build first.");
      return;
    }
    System.out.println(missed == 0 ? "Nothing was missed." : missed + " lines missed a figure.");
  }

  void writeJson(Path file) throws IOException {
    String all =
        "{\"rows\":[\n%s\n],\"facts\":[\n%s\n]}\n"
            .formatted(
                rows.stream().map(Report::json).collect(Collectors.joining(",\n")),
                facts.stream().map(Report::json).collect(Collectors.joining(",\n")));
    Files.writeString(file, all);
  }

  private static String json(Row row) {
    return "{\"case\":%s,\"latency\":%s,\"ours\":%s,\"theirs\":%s,\"their_seconds\":%s,\"ratio\":%s,\"required\":[%s]}"
        .formatted(
            quoted(row.name()),
            quoted(row.network().label()),
            row.ours().map(Report::json).orElse("null"),
            row.theirs().map(Report::json).orElse("null"),
            row.theirSeconds().map(Report::number).orElse("null"),
            row.ratio().map(Report::number).orElse("null"),
            row.verdicts().stream().map(Report::quoted).collect(Collectors.joining(",")));
  }

  private static String json(Measurement m) {
    return "{\"seconds\":%s,\"list\":%d,\"get\":%d,\"requests\":%d,\"bytes\":%d,\"in_sequence\":%d,\"peak_kib\":%d}"
        .formatted(
            number(m.seconds()),
            m.traffic().count(Kind.LIST),
            m.traffic().count(Kind.GET),
            m.traffic().requests(),
            m.traffic().bytes(),
            m.traffic().inSequence(),
            m.peakKilobytes());
  }

  private static String json(Fact fact) {
    return "{\"name\":%s,\"title\":%s,\"value\":%s,\"required\":%s,\"met\":%s}"
        .formatted(
            quoted(fact.name()),
            quoted(fact.title()),
            quoted(fact.value()),
            quoted(fact.required()),
            fact.met().map(Object::toString).orElse("null"));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }

  /** The texts are this program's own: no control characters. */
  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
