/**
 * Measurements that a user can repeat, without Spark: {@code bench gemm}, {@code step} and {@code
 * scaling}, a command and what it measures in a class each.
 *
 * <p>Start with {@link org.backdraft.jobs.bench.StepBench} and {@link
 * org.backdraft.jobs.bench.GemmBench}; both time by {@link org.backdraft.jobs.bench.Timing}. {@link
 * org.backdraft.jobs.bench.ScalingBench} predicts by the model of {@code org.backdraft.scaling}.
 * Depends on {@code worker-kernels}, on {@code parameter-server}, and on the driver for its
 * buckets.
 */
package org.backdraft.jobs.bench;
