package org.backdraft.driver;

import java.io.IOException;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.StateChunk;
import org.backdraft.driver.worker.Position;
import org.backdraft.nn.Network;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts together what the ranks of one attempt send of their state. Ranks send at their own pace, so
 * pieces of a step may come before rank 0 has said where it was; used by one thread.
 */
final class StateCollector {
  private static final Logger LOG = LoggerFactory.getLogger(StateCollector.class);

  /** States that may come at once: a rank sends one after the other. */
  private static final int MOST = 2;

  private final Network network;
  private final int slots;
  private final int workers;
  private final Supplier<ProgressCounts> counts;
  private final Taker done;
  private final Kept kept;
  private final TreeMap<Long, Coming> coming = new TreeMap<>(); // by steps taken
  private long newest = -1;

  /** Copies what the driver itself keeps. */
  interface Kept {
    /**
     * @param steps after which all ranks have arrived, and rank 0 waits
     * @param slots to be filled where the driver keeps them
     */
    void copyTo(long steps, float[][] slots) throws IOException, InterruptedException;
  }

  /** Takes states that are complete. */
  interface Taker {
    /**
     * @param isLast whether the gang has stopped there
     */
    void take(GangState state, boolean isLast);
  }

  /** A state as its pieces come. */
  private static final class Coming {
    private final GangState memory;
    private Position position; // null until rank 0 has told it
    private ProgressCounts counts;
    private boolean isLast;
    private int endings;

    private Coming(GangState memory) {
      this.memory = memory;
    }
  }

  /**
   * @param slots arrays of the state
   * @param kept copied when a state begins
   * @param counts the running numbers, asked for when all steps before the state have been told
   * @param done told of each state that is complete
   */
  StateCollector(
      Network network,
      int slots,
      int workers,
      Kept kept,
      Supplier<ProgressCounts> counts,
      Taker done) {
    this.kept = kept;
    this.network = network;
    this.slots = slots;
    this.workers = workers;
    this.counts = counts;
    this.done = done;
  }

  /**
   * Takes a piece.
   *
   * @throws IOException if it is of no array
   */
  void take(GangEvent.OfState event) throws IOException, InterruptedException {
    if (event instanceof GangEvent.StateBegun begun) {
      begin(begun);
    } else if (event instanceof GangEvent.Stated stated) {
      fill(stated);
    } else if (event instanceof GangEvent.StateEnded ended) {
      end(ended);
    } else {
      throw new AssertionError(event);
    }
  }

  private void begin(GangEvent.StateBegun event) throws IOException, InterruptedException {
    Coming state = at(event.step());
    if (state.position != null || event.step() <= newest) {
      throw new IOException(
          "A gang must send its state once after a step: that after step %d came again."
              .formatted(event.step()));
    }
    state.position = new Position(event.mark().epoch(), event.mark().stepInEpoch());
    state.counts = counts.get();
    state.counts.searchLoss = event.mark().searchLoss();
    kept.copyTo(event.step(), state.memory.slots());
    state.isLast = event.mark().isLast();
    completeIfDone(event.step(), state);
  }

  private void fill(GangEvent.Stated event) throws IOException {
    GangState memory = at(event.step()).memory;
    StateChunk chunk = event.chunk();
    if (chunk.slot() == StateChunk.MODEL) {
      chunk.copyTo(memory.weights().parameters(), memory.weights().buffers());
    } else if (chunk.slot() < slots) {
      chunk.copyTo(memory.slots()[chunk.slot()]);
    } else {
      throw new IOException(
          "Rank %d must send one of %d state arrays: it sent %s."
              .formatted(event.rank(), slots, chunk));
    }
  }

  private void end(GangEvent.StateEnded event) {
    Coming state = at(event.step());
    state.endings++;
    completeIfDone(event.step(), state);
  }

  private Coming at(long steps) {
    Coming found = coming.get(steps);
    if (found == null) {
      found = new Coming(GangState.empty(network, slots, Position.BEGINNING, new ProgressCounts()));
      coming.put(steps, found);
      if (coming.size() > MOST) {
        LOG.warn("The state after step {} did not come in full.", coming.firstKey());
        coming.pollFirstEntry();
      }
    }
    return found;
  }

  private void completeIfDone(long steps, Coming state) {
    if (state.position == null || state.endings < workers) {
      return;
    }
    coming.remove(steps);
    if (steps > newest) {
      newest = steps;
      done.take(
          new GangState(state.position, state.counts, state.memory.weights(), state.memory.slots()),
          state.isLast);
    }
  }
}
