/**
 * First values of parameters: start with {@link org.backdraft.init.Initializer}. Depends on {@code
 * tensor} and {@code random}.
 */
package org.backdraft.init;
