package org.backdraft.driver;

import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.worker.Position;
import org.backdraft.nn.Network;

/**
 * Everything that a training goes on from, whatever the number of workers. The record does not copy
 * its arrays.
 *
 * @param position where it goes on
 * @param counts its running numbers
 * @param weights parameters and buffers
 * @param slots the arrays of the {@link StateLayout}, each at the offsets of the parameter table
 */
record GangState(Position position, ProgressCounts counts, Weights weights, float[][] slots) {
  /** With memory for a network, to be filled. */
  static GangState empty(Network network, int slots, Position position, ProgressCounts counts) {
    int parameters = network.parameterTable().size();
    return new GangState(position, counts, Weights.zeros(network), new float[slots][parameters]);
  }
}
