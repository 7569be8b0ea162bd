/**
 * Naive answers that a trained network is to be compared with: what the most frequent class gets,
 * and the class of the nearest training example. Start with {@link
 * org.backdraft.baseline.NaiveClassifiers}. Pure functions of examples and labels; depends on
 * {@code org.backdraft.tensor} alone.
 */
package org.backdraft.baseline;
