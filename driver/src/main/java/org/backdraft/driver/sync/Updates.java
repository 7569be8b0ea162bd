package org.backdraft.driver.sync;

import java.io.Serializable;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.Optimizer;

/**
 * What turns sums of gradients into the next parameters; the same value for all ranks.
 *
 * @param seed of dropout
 */
public record Updates(Optimizer optimizer, Clipping clipping, long seed) implements Serializable {}
