/**
 * What an evaluation measures beside loss and accuracy, where classes of whole examples are not the
 * question.
 *
 * <p>Start with {@link org.backdraft.metric.Metric}. Depends on {@code plan}'s batches, {@code
 * loss}, {@code kernel} and {@code tensor}.
 */
package org.backdraft.metric;
