/**
 * Register tiles: the innermost loops of matrix products and weight gradients, one class for each
 * vector width and size, written by {@code TileGenerator} (in the tests' folder).
 *
 * <p>Start with {@link org.backdraft.kernel.tile.TileSet} (the tiles that this JVM runs fastest,
 * found by a calibration). Depends on the module {@code jdk.incubator.vector} alone.
 */
package org.backdraft.kernel.tile;
