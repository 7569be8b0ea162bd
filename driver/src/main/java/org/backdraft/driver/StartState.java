package org.backdraft.driver;

import java.util.Optional;
import org.backdraft.driver.worker.Position;

/**
 * What the workers of an attempt start from. The record does not copy its arrays.
 *
 * @param position of the first step
 * @param weights to send, empty where the workers draw them
 * @param slots the arrays of the state, which workers ask for beyond the beginning
 * @param searchLoss what a search had reached, 0 without one
 */
record StartState(
    Position position, Optional<Weights> weights, float[][] slots, double searchLoss) {
  /** Before the first step. */
  static StartState beginning(Optional<Weights> weights) {
    return new StartState(Position.BEGINNING, weights, new float[0][], 0);
  }

  /** Where a checkpoint was. */
  static StartState of(GangState state) {
    return new StartState(
        state.position(), Optional.of(state.weights()), state.slots(), state.counts().searchLoss);
  }
}
