package org.backdraft.driver.sync;

import java.util.List;
import java.util.Optional;
import org.backdraft.nn.Network;
import org.backdraft.plan.Replica;

/** The loss of a step is not finite; thrown by all ranks at the same step. */
public final class DivergedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int layer;

  /**
   * @param layer place in the network of the first layer whose output on this rank is not finite,
   *     −1 where all are
   */
  private DivergedException(long step, int layer) {
    super("The loss of step " + step + " (from 0) is not finite.");
    this.layer = layer;
  }

  /** For the step that {@code replica} has done last. */
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

  /** Place in the network of the first layer whose output is not finite, −1 for none. */
  public int layer() {
    return layer;
  }
}
