package org.backdraft.data;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.backdraft.tensor.Checks;

/**
 * Batches that are named while the loader runs, in the order of their adding.
 *
 * <p>Threads: {@link #add} is for any; the rest is the loader's.
 */
public final class BatchFeed implements BatchSequence {
  private static final Slice END = new Slice(0, new int[0], 0, 0);

  private final int capacity;
  private final BlockingQueue<Slice> slices = new LinkedBlockingQueue<>();
  private Slice current = END;

  private record Slice(int epoch, int[] order, int begin, int size) {}

  BatchFeed(int capacity) {
    this.capacity = capacity;
  }

  /**
   * Adds a batch: the examples {@code order[begin, end)}.
   *
   * @param epoch that they are shown in, from 0
   * @param order not changed by anyone until the batch is there
   */
  public void add(int epoch, int[] order, int begin, int end) {
    Checks.argument(
        begin >= 0 && begin < end && end <= order.length && end - begin <= capacity,
        "A batch must be 1 to %d of %d examples: got [%d, %d).",
        capacity,
        order.length,
        begin,
        end);
    slices.add(new Slice(epoch, order, begin, end - begin));
  }

  @Override
  public boolean advance() throws InterruptedException {
    current = slices.take();
    return current.size() > 0;
  }

  @Override
  public void end() {
    slices.add(END);
  }

  @Override
  public int epoch() {
    return current.epoch();
  }

  @Override
  public int size() {
    return current.size();
  }

  @Override
  public int globalSize() {
    return current.size();
  }

  @Override
  public long position() {
    return current.begin();
  }

  @Override
  public int exampleId(int i) {
    return current.order()[current.begin() + i];
  }
}
