package org.backdraft.driver.worker;

import java.io.IOException;
import java.util.Optional;
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
import org.backdraft.driver.sync.OptimizerState;
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
  private final Optional<WeightAverage> average;
  private final ExecutorService thread;

  // Copies; allocated when first needed.
  private float[] parameters;
  private float[] buffers;
  private float[][] slots;
  private float[] averaged;

  private Future<?> sending;
  private volatile boolean closed;

  /**
   * @param average is sent by rank 0
   */
  StateSender(
      WorkerControl control,
      Replica replica,
      Synchronizer synchronizer,
      Optional<WeightAverage> average,
      int rank) {
    this.average = average;
    this.control = control;
    this.replica = replica;
    this.synchronizer = synchronizer;
    sendsModel = rank == 0;
    thread = Executors.newSingleThreadExecutor(new NamedThreadFactory("state-of-rank-" + rank));
  }

  /**
   * Copies the state, and begins to send it. Waits for the end of the last sending first.
   *
   * @param steps that were taken
   * @param position after them
   * @param isLast whether the gang stops there
   */
  void send(long steps, Position position, boolean isLast)
      throws IOException, InterruptedException {
    awaitSent();
    OptimizerState state = synchronizer.state(steps);
    copy(state);
    if (sendsModel) {
      control.beginState(steps, new StateMark(position.epoch(), position.stepInEpoch(), isLast));
    }
    sending =
        thread.submit(
            () -> {
              sendCopy(steps, state.owned());
              return null;
            });
  }

  private void copy(OptimizerState state) {
    if (slots == null) {
      slots = new float[state.slots().length][state.owned().size()];
      parameters = new float[sendsModel ? replica.parameters().length : 0];
      buffers = new float[sendsModel ? replica.buffers().length : 0];
      averaged = new float[sendsModel && average.isPresent() ? parameters.length : 0];
    }
    if (averaged.length > 0) {
      System.arraycopy(average.get().values(), 0, averaged, 0, averaged.length);
    }
    for (int slot = 0; slot < slots.length; slot++) {
      System.arraycopy(state.slots()[slot], 0, slots[slot], 0, slots[slot].length);
    }
    System.arraycopy(replica.parameters(), 0, parameters, 0, parameters.length);
    System.arraycopy(replica.buffers(), 0, buffers, 0, buffers.length);
  }

  private void sendCopy(long steps, OwnedParameters owned) throws IOException {
    sendArray(steps, StateChunk.MODEL, 0, parameters, 0, parameters.length);
    sendArray(steps, StateChunk.MODEL, parameters.length, buffers, 0, buffers.length);
    if (averaged.length > 0) {
      sendArray(steps, average.get().slot(), 0, averaged, 0, averaged.length);
    }
    for (int slot = 0; slot < slots.length; slot++) {
      int packed = 0;
      for (int range = 0; range < owned.ranges(); range++) {
        int length = owned.end(range) - owned.begin(range);
        sendArray(steps, slot, owned.begin(range), slots[slot], packed, length);
        packed += length;
      }
    }
    control.endState(steps);
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
