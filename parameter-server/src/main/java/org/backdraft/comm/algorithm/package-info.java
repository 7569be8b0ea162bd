/**
 * Collective operations, written against {@link org.backdraft.comm.transport.Transport} alone.
 *
 * <p>Start with {@link org.backdraft.comm.algorithm.ExactAllReduce}. Depends on {@code comm},
 * {@code comm.transport}, {@code leaf} and {@code tensor}.
 */
package org.backdraft.comm.algorithm;
