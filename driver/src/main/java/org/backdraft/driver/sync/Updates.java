package org.backdraft.driver.sync;

import java.io.Serializable;
import org.backdraft.optim.Averaging;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Optimizer;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.optim.TensorRules;
import org.backdraft.tensor.ParameterTable;

/**
 * What turns sums of gradients into the next parameters; the same value for all ranks.
 *
 * @param groups which parameters the optimizer treats otherwise
 * @param averaging of the parameters after steps
 * @param seed of dropout
 * @param skipsNonFinite whether a step whose sums are not finite changes nothing; else it ends the
 *     training
 */
public record Updates(
    Optimizer optimizer,
    ParameterGroups groups,
    Clipping clipping,
    Averaging averaging,
    long seed,
    boolean skipsNonFinite)
    implements Serializable {
  /** The rule of each tensor of a network. */
  public TensorRules rules(ParameterTable table) {
    return new TensorRules(optimizer, groups, table);
  }
}
