/**
 * What training minimises: start with {@link org.backdraft.loss.Loss}. Depends on {@code kernel}.
 */
package org.backdraft.loss;
