/**
 * Shapes, memory layouts and tables of named arrays; the vocabulary of everything else.
 *
 * <p>Start with {@link org.backdraft.tensor.Shape} (logical dims), {@link
 * org.backdraft.tensor.ActivationLayout} (channels-last memory) and {@link
 * org.backdraft.tensor.ParameterTable} (all weights as one array). Depends on the JDK alone.
 */
package org.backdraft.tensor;
