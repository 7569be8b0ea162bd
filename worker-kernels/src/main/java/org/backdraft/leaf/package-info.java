/**
 * Leaves: the fixed cuts of a global batch that give the same bits for any number of workers.
 *
 * <p>Start with {@link org.backdraft.leaf.Leaves}. Depends on {@code tensor} alone.
 */
package org.backdraft.leaf;
