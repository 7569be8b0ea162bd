package org.backdraft.driver.sync;

import java.util.List;
import java.util.Optional;
import org.backdraft.nn.Network;
import org.backdraft.plan.Replica;

/**
 * The loss of a step is not finite; thrown by all ranks at the same step, which may be a later one
 * than that whose loss it is.
 */
public final class DivergedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long step;
  private final int layer;

  /**
   * @param layer place in the network of the first layer whose output on this rank is not finite,
   *     −1 where all are
   */
  private DivergedException(long step, int layer) {
    super("The loss of step " + step + " (from 0) is not finite.");
    this.step = step;
    this.layer = layer;
  }

  /**
   * For {@code step}; the layer is looked for in the last step that {@code replica} has done, since
   * parameters that are not finite stay so.
   */
  public static DivergedException of(Replica replica, long step) {
    Optional<String> layer = replica.firstNonFiniteLayer();
    List<Network.Node> nodes = replica.plan().request().network().nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (layer.isPresent() && nodes.get(i).name().equals(layer.get())) {
        return new DivergedException(step, i);
      }
    }
    return new DivergedException(step, -1);
  }

  /** The step whose loss it is, from 0. */
  public long step() {
    return step;
  }

  /** Place in the network of the first layer whose output is not finite, −1 for none. */
  public int layer() {
    return layer;
  }
}
