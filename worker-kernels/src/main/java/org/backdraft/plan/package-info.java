/**
 * Networks compiled for one worker and run: memory, threads, steps.
 *
 * <p>Start with {@link org.backdraft.plan.Plan} (compiled once, pure data) and {@link
 * org.backdraft.plan.Replica} (memory, team of threads, {@code trainStep}). {@code PlanCompiler}
 * fuses nodes, places them in memory and orders their operations in a {@code Schedule}. A gang
 * hears of finished gradients by a {@link org.backdraft.plan.GradientListener}, and divides the
 * update by {@link org.backdraft.plan.OwnedParameters} and {@link org.backdraft.plan.UpdatePeers}.
 * Depends on {@code nn}, {@code loss}, {@code optim}, {@code kernel}, {@code leaf}, {@code tensor}
 * and {@code concurrent}.
 */
package org.backdraft.plan;
