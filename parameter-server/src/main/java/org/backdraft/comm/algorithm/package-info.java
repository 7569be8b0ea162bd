/**
 * Collective operations, written against {@link org.backdraft.comm.transport.Transport} alone.
 *
 * <p>Start with {@link org.backdraft.comm.algorithm.AllReduceAlgorithm}, which lists them, and
 * {@link org.backdraft.comm.algorithm.ExactAllReduce}; {@link
 * org.backdraft.comm.algorithm.HierarchicalAllReduce} for ranks that share hosts, {@link
 * org.backdraft.comm.algorithm.RingAllReduce} where bits do not matter. Depends on {@code comm},
 * {@code comm.transport}, {@code leaf} and {@code tensor}.
 */
package org.backdraft.comm.algorithm;
