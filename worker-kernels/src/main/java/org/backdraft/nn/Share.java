package org.backdraft.nn;

/** How items of work are dealt to the threads of a team: contiguous runs of nearly equal length. */
public final class Share {
  private Share() {}

  /** The first item of {@code thread}; that of the next thread ends its share. */
  public static int begin(int items, int thread, int threads) {
    return (int) ((long) items * thread / threads);
  }

  /** One past the last item of {@code thread}. */
  public static int end(int items, int thread, int threads) {
    return begin(items, thread + 1, threads);
  }
}
