/**
 * What training minimises: start with {@link org.backdraft.loss.Loss} and {@link
 * org.backdraft.loss.LossSettings} (by name, from configuration); {@link
 * org.backdraft.loss.HeadLosses} are those of a network with several answers. Depends on {@code
 * kernel} and {@code tensor}.
 */
package org.backdraft.loss;
