package org.backdraft.driver.worker;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.control.StateChunk;
import org.backdraft.driver.control.StateMark;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.KeptArrays;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.plan.Replica;

/**
 * Sends what a rank keeps of the gang's state to the driver: copied between two steps, sent on a
 * thread of its own while the next ones go on. Rank 0 sends the model.
 */
final class StateSender implements AutoCloseable {
  /** Each message has a deadline of its own; all of them together take no longer than this. */
  private static final long SEND_MINUTES = 10;

  private static final long CLOSE_SECONDS = 10;

  private final WorkerControl control;
  private final Replica replica;
  private final Synchronizer synchronizer;
  private final boolean sendsModel;
  private final boolean awaitsDriver;
  private final ExecutorService thread;

  // Copies; allocated when first needed.
  private float[] parameters;
  private float[] buffers;
  private List<KeptArrays> copies;

  private Future<?> sending;
  private volatile boolean closed;

  /**
   * @param isKeptByDriver whether a part of the state is the driver's: rank 0 then takes no other
   *     step before the driver has copied it
   */
  StateSender(
      WorkerControl control,
      Replica replica,
      Synchronizer synchronizer,
      boolean isKeptByDriver,
      int rank) {
    this.control = control;
    this.replica = replica;
    this.synchronizer = synchronizer;
    sendsModel = rank == 0;
    awaitsDriver = sendsModel && isKeptByDriver;
    thread = Executors.newSingleThreadExecutor(new NamedThreadFactory("state-of-rank-" + rank));
  }

  /**
   * Copies the state, and begins to send it. Waits for the end of the last sending first.
   *
   * @param steps that were taken
   * @param mark where they have led
   * @param others what is kept besides the synchronizer's; arrays of the same number and lengths in
   *     each call
   */
  void send(long steps, StateMark mark, List<KeptArrays> others)
      throws IOException, InterruptedException {
    awaitSent();
    synchronizer.awaitParameters();
    List<KeptArrays> state = new ArrayList<>(synchronizer.state(steps));
    state.addAll(others);
    state.removeIf(each -> !each.isSent());
    copy(state);
    if (sendsModel) {
      control.beginState(steps, mark);
    }
    if (awaitsDriver) {
      control.awaitStateKept();
    }
    sending =
        thread.submit(
            () -> {
              sendCopy(steps);
              return null;
            });
  }

  private void copy(List<KeptArrays> state) {
    if (copies == null) {
      copies = state.stream().map(KeptArrays::copy).toList();
      parameters = new float[sendsModel ? replica.parameters().length : 0];
      buffers = new float[sendsModel ? replica.buffers().length : 0];
    } else {
      for (int i = 0; i < state.size(); i++) {
        copies.get(i).take(state.get(i));
      }
    }
    System.arraycopy(replica.parameters(), 0, parameters, 0, parameters.length);
    System.arraycopy(replica.buffers(), 0, buffers, 0, buffers.length);
  }

  private void sendCopy(long steps) throws IOException {
    sendArray(steps, StateChunk.MODEL, 0, parameters, 0, parameters.length);
    sendArray(steps, StateChunk.MODEL, parameters.length, buffers, 0, buffers.length);
    for (KeptArrays each : copies) {
      send(steps, each);
    }
    control.endState(steps);
  }

  private void send(long steps, KeptArrays kept) throws IOException {
    OwnedParameters owned = kept.owned();
    for (int i = 0; i < kept.arrays().length; i++) {
      int packed = 0;
      for (int range = 0; range < owned.ranges(); range++) {
        int length = owned.end(range) - owned.begin(range);
        sendArray(
            steps, kept.firstSlot() + i, owned.begin(range), kept.arrays()[i], packed, length);
        packed += length;
      }
    }
  }

  private void sendArray(long steps, int slot, int begin, float[] values, int from, int length)
      throws IOException {
    for (int at = 0; at < length; at += StateChunk.MOST_FLOATS) {
      if (closed) {
        throw new IOException("The worker ends.");
      }
      int count = Math.min(StateChunk.MOST_FLOATS, length - at);
      control.sendState(steps, slot, begin + at, values, from + at, count);
    }
  }

  /**
   * Waits until all that was begun is sent.
   *
   * @throws IOException if it could not be
   */
  void awaitSent() throws IOException, InterruptedException {
    if (sending == null) {
      return;
    }
    try {
      sending.get(SEND_MINUTES, TimeUnit.MINUTES);
    } catch (ExecutionException e) {
      throw new IOException("The state could not be sent to the driver: " + e.getCause(), e);
    } catch (TimeoutException e) {
      throw new IOException(
          "The state must reach the driver within %d min: it has not.".formatted(SEND_MINUTES), e);
    } finally {
      sending = null;
    }
  }

  /**
   * Ends the thread after the message that it is sending: an interruption would break the channel,
   * on which the worker has still to say how it ended.
   */
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    try {
      boolean unused = thread.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the thread ends all the same, only not awaited
    }
  }
}
