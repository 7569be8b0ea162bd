/**
 * Optimisers and learning rates: stateless rules over ranges of flat arrays.
 *
 * <p>Start with {@link org.backdraft.optim.Optimizer}, {@link
 * org.backdraft.optim.OptimizerSettings} (by name, from configuration) and {@link
 * org.backdraft.optim.LearningRateSchedule}; rules that need norms of whole tensors are {@link
 * org.backdraft.optim.LayerwiseOptimizer}s. Depends on {@code kernel} and {@code tensor}; knows no
 * layers.
 */
package org.backdraft.optim;
