/**
 * Networks known by name, and what can be said of a network without running it.
 *
 * <p>Start with {@link org.backdraft.zoo.ModelZoo} and {@link org.backdraft.zoo.NetworkSummary}.
 * Depends on {@code nn}, {@code kernel} and {@code tensor}.
 */
package org.backdraft.zoo;
