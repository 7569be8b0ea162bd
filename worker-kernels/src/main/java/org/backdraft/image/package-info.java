/**
 * Pictures as they are prepared for a network: resized, bent, repainted at random.
 *
 * <p>Start with {@link org.backdraft.image.Augmentation} and {@link org.backdraft.image.Augmenter}.
 * Plain float arithmetic, with the same bits on every machine; depends on {@code random} and {@code
 * tensor}'s checks alone.
 */
package org.backdraft.image;
