/**
 * Measurements that a user can repeat, without Spark.
 *
 * <p>Start with {@link org.backdraft.jobs.bench.StepBench} and {@link
 * org.backdraft.jobs.bench.GemmBench}; both time by {@link org.backdraft.jobs.bench.Timing}.
 * Depends on {@code worker-kernels}.
 */
package org.backdraft.jobs.bench;
