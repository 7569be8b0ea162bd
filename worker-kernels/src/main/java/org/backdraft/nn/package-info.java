/**
 * Layers and networks: values that know shapes, parameters and how to compile themselves.
 *
 * <p>Start with {@link org.backdraft.nn.Network} and {@link org.backdraft.nn.Layer}. Depends on
 * {@code tensor}, {@code leaf}, {@code random} and {@code kernel}.
 */
package org.backdraft.nn;
