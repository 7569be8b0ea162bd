/**
 * Register tiles: the innermost loops of matrix products and weight gradients, one class for each
 * vector width and size, written by {@code TileGenerator} (in the tests' folder).
 *
 * <p>Start with {@link org.backdraft.kernel.tile.TileSet} (the tiles that this JVM runs fastest,
 * found by a calibration). A {@code RunTile} multiplies rows where they lie, a {@code PackedTile}
 * rows that were copied first, a {@code TermTile} rows of short runs; an {@code OuterTile} adds up
 * weight gradients. Depends on the module {@code jdk.incubator.vector} alone.
 */
package org.backdraft.kernel.tile;
