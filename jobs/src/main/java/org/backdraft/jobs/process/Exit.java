package org.backdraft.jobs.process;

import org.backdraft.concurrent.NamedThreadFactory;

/** The end of the JVM where nobody can wait for what it is doing. */
public final class Exit {
  /** How long shutdown hooks may take. */
  private static final long HOOKS_MILLIS = 5_000;

  private Exit() {}

  /**
   * Ends the JVM, whatever it is doing, with that exit code: when its shutdown hooks have run,
   * Spark's among them, or after five seconds. Returns at once.
   */
  public static void now(int exitCode) {
    NamedThreadFactory threads = new NamedThreadFactory("exit");
    Thread exit = threads.newThread(() -> System.exit(exitCode));
    threads
        .newThread(
            () -> {
              try {
                exit.join(HOOKS_MILLIS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // nobody does
              }
              Runtime.getRuntime().halt(exitCode);
            })
        .start();
    exit.start();
  }
}
