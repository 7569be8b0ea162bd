/**
 * Measurements that a user can repeat, without Spark.
 *
 * <p>Start with {@link org.backdraft.jobs.bench.StepBench}. Depends on {@code worker-kernels}.
 */
package org.backdraft.jobs.bench;
