package dev.rivulet.cli;

import dev.rivulet.db.Databases;
import dev.rivulet.db.LogSettings;
import dev.rivulet.db.SettingsException;
import dev.rivulet.log.Log;
import dev.rivulet.store.Environment;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The {@code rivulet} command. */
public final class Main {
  static final int OK = 0;
  static final int ERROR = 1;
  static final int USAGE = 2;

  /** What a shell says of a program that Ctrl-C ended. */
  private static final int INTERRUPTED = 130;

  /** How long Ctrl-C waits for a command to remove what it had begun. */
  private static final long CLEANUP_SECONDS = 5;

  static final List<Command> COMMANDS =
      List.of(
          ShellCommand.COMMAND,
          InfoCommand.COMMAND,
          HistoryCommand.COMMAND,
          RestoreCommand.COMMAND,
          HydrateCommand.COMMAND,
          DemoCommand.COMMAND);

  private Main() {}

  public static void main(String[] words) {
    Interrupt interrupt = new Interrupt();
    Runtime.getRuntime().addShutdownHook(new Thread(interrupt::hook));
    Console console =
        new Console(
            new FileOutputStream(FileDescriptor.out),
            new FileOutputStream(FileDescriptor.err),
            // The script that starts this has asked; Java alone cannot tell for stderr.
            Boolean.getBoolean("rivulet.stderr.terminal"),
            Environment.ofProcess(),
            interrupt::requested);
    int code = run(List.of(words), console);
    interrupt.finished();
    // Before the exit handler of aws-crt, which waits a second for what this ends.
    Databases.closeAll();
    // Halt, not exit: results are flushed, and the hook is only for Ctrl-C.
    Runtime.getRuntime().halt(interrupt.requested() ? INTERRUPTED : code);
  }

  /** Runs one command line; returns the exit code. */
  static int run(List<String> words, Console console) {
    try {
      LogSettings.apply(console.environment());
      return dispatch(words, console);
    } catch (UsageException e) {
      String name = words.isEmpty() || find(words.getFirst()) == null ? "" : " " + words.getFirst();
      console.message("rivulet: " + e.getMessage() + "\nTry \"rivulet" + name + " --help\".\n");
      return USAGE;
    } catch (Console.OutputException e) {
      // A reader that has seen enough, as head(1), is no error worth a line.
      String message = String.valueOf(e.getMessage());
      if (!message.contains("Broken pipe")) {
        console.message("rivulet: " + message + "\n");
      }
      return ERROR;
    } catch (SettingsException e) {
      console.message("rivulet: " + e.getMessage() + "\n");
      return ERROR;
    } catch (IOException e) {
      console.message("rivulet: " + Failures.sentence(e) + "\n");
      return ERROR;
    } catch (OutOfMemoryError e) {
      console.message("rivulet: Java ran out of memory; RIVULET_JAVA_OPTIONS=-Xmx1g gives more\n");
      return ERROR;
    } catch (RuntimeException | Error e) {
      console.message("rivulet: internal error, please report it: " + e + "\n");
      Log.debug(() -> Arrays.toString(e.getStackTrace()));
      return ERROR;
    }
  }

  private static int dispatch(List<String> words, Console console)
      throws UsageException, IOException {
    if (words.isEmpty()) {
      throw new UsageException("there is no command");
    }
    String first = words.getFirst();
    switch (first) {
      case "--help", "-help", "-h", "help" -> {
        Command command = words.size() > 1 ? find(words.get(1)) : null;
        console.print(command == null ? Help.of(COMMANDS) : Help.of(command));
        return OK;
      }
      case "--version", "-version", "version" -> {
        console.print("rivulet " + Version.of() + "\n");
        return OK;
      }
      default -> {}
    }
    Command command = find(first);
    if (command == null) {
      throw new UsageException(
          first.startsWith("-")
              ? "there is no option " + first
              : "there is no command \"" + first + "\"");
    }
    Arguments arguments = Arguments.parse(command, words.subList(1, words.size()));
    if (arguments.help()) {
      console.print(Help.of(command));
      return OK;
    }
    return command.action().run(arguments, console);
  }

  private static @Nullable Command find(String name) {
    for (Command command : COMMANDS) {
      if (command.name().equals(name)) {
        return command;
      }
    }
    return null;
  }

  /** Lets a command that is interrupted clean up before the process ends. */
  private static final class Interrupt {
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile boolean requested;

    boolean requested() {
      return requested;
    }

    void finished() {
      finished.countDown();
    }

    void hook() {
      requested = true;
      try {
        var _ = finished.await(CLEANUP_SECONDS, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
