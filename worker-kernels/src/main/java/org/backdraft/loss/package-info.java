/**
 * What training minimises: start with {@link org.backdraft.loss.Loss} and {@link
 * org.backdraft.loss.LossSettings} (by name, from configuration). Depends on {@code kernel} and
 * {@code tensor}.
 */
package org.backdraft.loss;
