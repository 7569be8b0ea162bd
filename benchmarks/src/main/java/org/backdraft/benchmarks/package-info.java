/**
 * JMH benches of kernels, layers and the team of threads.
 *
 * <p>Start with {@link org.backdraft.benchmarks.Benchmarks}, which runs them and says what share of
 * the machine was reached. May depend on everything; nothing depends on it.
 */
package org.backdraft.benchmarks;
