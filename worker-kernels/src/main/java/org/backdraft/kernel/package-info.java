/**
 * The arithmetic of training over {@code float[]} ranges, once in scalar code and once in SIMD,
 * with equal bits.
 *
 * <p>Start with {@link org.backdraft.kernel.KernelLookup} (which kernels run here, and why) and
 * {@link org.backdraft.kernel.Kernels} (what they do); {@link org.backdraft.kernel.RowPattern} and
 * {@link org.backdraft.kernel.PanelLayout} say how matrices lie in memory. The innermost loops of
 * products are in {@code org.backdraft.kernel.tile}, which {@code TileProducts} and {@code
 * TileOuterProducts} call. Depends on {@code org.backdraft.tensor}, {@code org.backdraft.random}
 * and, in the {@code Simd} and {@code Tile} classes alone, on the module {@code
 * jdk.incubator.vector}.
 */
package org.backdraft.kernel;
