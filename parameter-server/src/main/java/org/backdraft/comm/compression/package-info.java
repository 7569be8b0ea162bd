/**
 * Gradients that travel in fewer bits than they have: lossy forms of floats, what is lost kept for
 * the next step, and a reduce-scatter that uses both.
 *
 * <p>Start with {@link org.backdraft.comm.compression.Compression} and {@link
 * org.backdraft.comm.compression.CompressedCollectives}; {@link
 * org.backdraft.comm.compression.Codec} says what a form must give. Depends on {@code comm}, {@code
 * comm.algorithm}, {@code comm.transport}, {@code leaf} and {@code tensor}.
 */
package org.backdraft.comm.compression;
