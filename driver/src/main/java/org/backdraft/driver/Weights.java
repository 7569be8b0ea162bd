package org.backdraft.driver;

import org.backdraft.nn.Network;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.WeightsDigest;

/**
 * The arrays of a network; the record does not copy them.
 *
 * @param parameters in logical order at the offsets of the network's parameter table
 * @param buffers likewise of its buffer table
 */
public record Weights(float[] parameters, float[] buffers) {
  /** Where the weights come from that a run starts with, or an evaluation uses. */
  @FunctionalInterface
  public interface Source {
    /**
     * The weights of {@code network}.
     *
     * @throws java.io.IOException if they cannot be read
     */
    Weights of(Network network) throws java.io.IOException;
  }

  /** Zeros, in memory for a network. */
  static Weights zeros(Network network) {
    return new Weights(
        new float[network.parameterTable().size()], new float[network.bufferTable().size()]);
  }

  /** The digest of the weights of {@code network}, in hexadecimal digits. */
  String sha256(Network network) {
    return WeightsDigest.sha256(
        network.parameterTable(), parameters, network.bufferTable(), buffers);
  }

  /**
   * This, if it fits the network.
   *
   * @throws IllegalArgumentException otherwise
   */
  Weights checkedFor(Network network) {
    int parameterCount = network.parameterTable().size();
    int bufferCount = network.bufferTable().size();
    Checks.argument(
        parameters.length == parameterCount && buffers.length == bufferCount,
        "The weights of '%s' must be %d parameters and %d buffer elements: got %d and %d.",
        network.name(),
        parameterCount,
        bufferCount,
        parameters.length,
        buffers.length);
    return this;
  }
}
