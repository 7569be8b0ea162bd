/**
 * Moving and reducing ranges of floats between the ranks of a gang; knows ranges and leaves, never
 * layers.
 *
 * <p>Start with {@link org.backdraft.comm.Collectives} and {@link
 * org.backdraft.comm.CollectiveException}. Depends on {@code leaf} and {@code tensor}.
 */
package org.backdraft.comm;
