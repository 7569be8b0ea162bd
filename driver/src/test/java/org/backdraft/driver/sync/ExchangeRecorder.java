package org.backdraft.driver.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.backdraft.leaf.Leaves;

/** Writes down what is exchanged, and on which thread. */
final class ExchangeRecorder extends NoPeers {
  private final BlockingQueue<String> events = new LinkedBlockingQueue<>();
  private volatile RuntimeException failure;
  private volatile Semaphore gate;
  private volatile Semaphore gatherGate;

  /** What every exchange throws from now on. */
  void failWith(RuntimeException e) {
    failure = e;
  }

  RuntimeException failure() {
    return failure;
  }

  /** Reduce-scatters begun from now on end when they get a permit. */
  void holdBuckets(Semaphore permits) {
    gate = permits;
  }

  /** All-gathers begun from now on end when they get a permit. */
  void holdGathers(Semaphore permits) {
    gatherGate = permits;
  }

  private void record(String what, int begin, int end, long step) {
    if (failure != null) {
      throw failure;
    }
    events.add("%s %d-%d @%d".formatted(what, begin, end, step));
  }

  @Override
  public void reduceScatter(Leaves leaves, float[][] sums, int begin, int end, long step) {
    record("reduce", begin, end, step);
    if (gate != null) {
      gate.acquireUninterruptibly();
    }
  }

  @Override
  public void allGather(float[] values, int begin, int end, long step) {
    record("gather", begin, end, step);
    if (gatherGate != null) {
      gatherGate.acquireUninterruptibly();
    }
  }

  /** Sums that wait for a pass go by the caller's thread, as those for norms do. */
  @Override
  public void allReduce(Leaves leaves, float[][] sums, int begin, int end, long step) {
    String caller = Thread.currentThread().getName().contains("exchange") ? "tail" : "share";
    record(caller, begin, end, step);
  }

  void assertNext(String expected) throws InterruptedException {
    assertThat(events.poll(20, TimeUnit.SECONDS)).isEqualTo(expected);
  }

  /** Gives the exchange's thread a moment to do too much. */
  void assertNothingElse() throws InterruptedException {
    assertThat(events.poll(20, TimeUnit.MILLISECONDS)).isNull();
  }
}
