/**
 * Naive answers that a trained network is to be compared with: what the most frequent class gets,
 * the class of the nearest training example, and the linear answer; of numbers, their mean and
 * their linear regression. Start with {@link org.backdraft.baseline.NaiveClassifiers}. Pure
 * functions of examples and labels; depends on {@code org.backdraft.tensor} alone.
 */
package org.backdraft.baseline;
