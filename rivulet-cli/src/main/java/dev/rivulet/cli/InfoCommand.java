package dev.rivulet.cli;

import dev.rivulet.db.Moment;
import dev.rivulet.db.OpenReplica;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code rivulet info}. */
final class InfoCommand {
  private static final String JSON = "--json";

  static final Command COMMAND =
      new Command(
          "info",
          List.of("URL"),
          "show a replica's levels, files, TXIDs, times and sizes",
          """
          Shows what lies in a replica: for each level its files with their TXIDs, bytes
          and upload times (by the store's clock), and of the database its page size,
          pages, and the time range of its states (by the headers of the LTX files).
          """,
          List.of(new Option(JSON, "", "print one JSON object, for programs")),
          InfoCommand::run);

  private InfoCommand() {}

  private static int run(Arguments arguments, Console console) throws UsageException, IOException {
    try (OpenReplica replica = OpenReplica.open(arguments.operand(0), console.environment())) {
      List<LtxFile> files = replica.files(console.interrupted());
      ReplicaInfo info = ReplicaInfo.of(replica.display(), files);
      IOException problem = null;
      try {
        Plan plan = replica.plan(new Moment.Latest(), console.interrupted());
        LtxHeader newest = replica.header(plan.last(), console.interrupted());
        LtxFile first = info.oldest();
        LtxHeader oldest = first == null ? null : replica.header(first, console.interrupted());
        info = info.with(plan, newest, oldest);
      } catch (IOException e) {
        problem = e;
      }
      console.print(
          arguments.has(JSON) ? InfoJson.render(info, sentence(problem)) : InfoTable.render(info));
      if (problem != null) {
        throw problem; // what there is was shown; that it is not enough is still an error
      }
      return Main.OK;
    }
  }

  private static @Nullable String sentence(@Nullable IOException problem) {
    return problem == null ? null : Failures.sentence(problem);
  }
}
