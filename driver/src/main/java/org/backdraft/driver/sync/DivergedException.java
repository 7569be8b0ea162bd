package org.backdraft.driver.sync;

import java.util.List;
import org.backdraft.driver.control.Divergence;
import org.backdraft.nn.Network;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterTable;

/**
 * A step whose numbers are of no use; thrown by all ranks at the same step, which may be a later
 * one than that which it is about.
 */
public final class DivergedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final long step;
  private final transient Divergence divergence;

  public DivergedException(long step, Divergence divergence) {
    super("Step " + step + " (from 0) has diverged: " + divergence + ".");
    this.step = step;
    this.divergence = divergence;
  }

  /**
   * For {@code step}; what is to blame is looked for in the last step that {@code replica} has
   * done, since parameters that are not finite stay so.
   *
   * @param loss of the step
   * @param summed the parameters whose gradients of the step lie summed in the replica's first sums
   */
  static DivergedException of(Replica replica, long step, float loss, OwnedParameters summed) {
    return new DivergedException(
        step,
        new Divergence(
            Float.isFinite(loss) ? Divergence.Reason.GRADIENT : Divergence.Reason.LOSS,
            replica.firstNonFiniteLayer().map(name -> place(replica, name)).orElse(-1),
            gradientLayer(replica, summed),
            replica.nonFiniteExamples(),
            ""));
  }

  /** Where the replica's first sums are of all parameters, though not of all examples. */
  public static DivergedException of(Replica replica, long step, float loss) {
    ParameterBlocks blocks = new ParameterBlocks(replica.plan().parameterTable());
    return of(replica, step, loss, OwnedParameters.all(blocks));
  }

  private static int place(Replica replica, String layer) {
    List<Network.Node> nodes = replica.plan().request().network().nodes();
    for (int i = 0; i < nodes.size(); i++) {
      if (nodes.get(i).name().equals(layer)) {
        return i;
      }
    }
    return -1;
  }

  private static int gradientLayer(Replica replica, OwnedParameters summed) {
    List<ParameterTable.Entry> entries = replica.plan().parameterTable().entries();
    for (int i = entries.size() - 1; i >= 0; i--) {
      ParameterTable.Entry entry = entries.get(i);
      for (int range = 0; range < summed.ranges(); range++) {
        int begin = Math.max(entry.begin(), summed.begin(range));
        int end = Math.min(entry.end(), summed.end(range));
        boolean isFinite =
            begin >= end
                || replica.plan().kernels().update().isFinite(replica.sums()[0], begin, end);
        if (!isFinite) {
          String name = entry.name();
          return place(replica, name.substring(0, name.lastIndexOf('.')));
        }
      }
    }
    return -1;
  }

  /** The step that it is about, from 0. */
  public long step() {
    return step;
  }

  /** What this rank knows of it. */
  public Divergence divergence() {
    return divergence;
  }
}
