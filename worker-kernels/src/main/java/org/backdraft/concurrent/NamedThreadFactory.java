package org.backdraft.concurrent;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/** The one way to make a thread: a daemon named {@code backdraft-<role>-<n>}. */
public final class NamedThreadFactory implements ThreadFactory {
  private final String role;
  private final AtomicInteger next = new AtomicInteger();

  /**
   * @param role what the threads do: {@code team}, {@code loader} …
   */
  public NamedThreadFactory(String role) {
    this.role = role;
  }

  @Override
  public Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "backdraft-" + role + "-" + next.getAndIncrement());
    thread.setDaemon(true);
    return thread;
  }
}
