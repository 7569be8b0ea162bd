/**
 * Layers and networks: values that know shapes, parameters and how to compile themselves.
 *
 * <p>Start with {@link org.backdraft.nn.Network} and {@link org.backdraft.nn.Layer}; a layer
 * compiles into {@link org.backdraft.nn.Operation}s, whose {@link org.backdraft.nn.Scope} tells a
 * plan how to order them. Depends on {@code tensor}, {@code leaf}, {@code random} and {@code
 * kernel}.
 */
package org.backdraft.nn;
