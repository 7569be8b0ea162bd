package org.backdraft.jobs;

import org.backdraft.concurrent.NamedThreadFactory;

/** Ends this process soon, whatever it is doing. */
final class ProcessEnd {
  /** How long shutdown hooks, Spark's among them, may take. */
  private static final long HOOKS_MILLIS = 5_000;

  private ProcessEnd() {}

  /** Returns at once; the process ends when its hooks have run, or after five seconds. */
  static void now(int exitCode) {
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
