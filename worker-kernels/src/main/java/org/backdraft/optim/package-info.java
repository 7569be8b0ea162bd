/**
 * Optimisers and learning rates: stateless rules over ranges of flat arrays.
 *
 * <p>Start with {@link org.backdraft.optim.Optimizer}, {@link
 * org.backdraft.optim.OptimizerSettings} (by name, from configuration) and {@link
 * org.backdraft.optim.LearningRateSchedule}; rules that need norms of whole tensors are {@link
 * org.backdraft.optim.LayerwiseOptimizer}s, methods that evaluate more than once for a step {@link
 * org.backdraft.optim.GradientRule}s. {@link org.backdraft.optim.ParameterGroups} say what is
 * treated otherwise, {@link org.backdraft.optim.TensorRules} what that means for each tensor.
 * Depends on {@code kernel}, {@code tensor} and {@code text}; knows no layers.
 */
package org.backdraft.optim;
