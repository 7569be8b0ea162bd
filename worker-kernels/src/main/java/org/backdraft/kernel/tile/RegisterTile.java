package org.backdraft.kernel.tile;

/**
 * A block of sums that fits the vector registers, so that each is loaded and stored once for a
 * whole chain of multiply-adds.
 *
 * <p>C2 decides how fast a tile runs, differently on each JDK and vector width: it may spill an
 * accumulator in each turn, or spend more on addresses than on products. So there are several, and
 * {@link TileCalibration} takes the fastest.
 */
abstract class RegisterTile {
  /**
   * Masks that tell C2 the range of an index, whose sums then cannot overflow: it adds addresses
   * outside of the loop instead of widening each index inside.
   */
  static final int INDEX = 0x3fff_ffff;

  static final int LENGTH = 0xf_ffff;

  private final int bits;
  private final int rows;
  private final int panels;
  private final int unroll;
  private final boolean open;

  RegisterTile(int bits, int rows, int panels, int unroll, boolean open) {
    this.bits = bits;
    this.rows = rows;
    this.panels = panels;
    this.unroll = unroll;
    this.open = open;
  }

  /** Bits of a vector. */
  final int bits() {
    return bits;
  }

  /** Rows of the tile. */
  final int rows() {
    return rows;
  }

  /** Panels of 16 columns. */
  final int panels() {
    return panels;
  }

  /**
   * What the length of its chain must be a multiple of: turns that are written out together. The
   * loop has no other turns beside it, since C2 boxes sums that flow through both.
   */
  final int unroll() {
    return unroll;
  }

  /** {@code "12x32"}, and how often the loop is written out where it is, or that it is open. */
  @Override
  public final String toString() {
    return rows + "x" + 16 * panels + (unroll == 1 ? "" : " by " + unroll) + (open ? " open" : "");
  }

  /**
   * 1, by a way that C2 does not see through: a loop with this step is none that counts. C2 unrolls
   * loops that count, loads what all turns need before the first product, and so spills sums.
   *
   * @param length of the chain, at least 0
   */
  static int step(int length) {
    return length >>> 31 | 1;
  }

  /**
   * Where a row starts; rows of zeros, of negative offset, lie at the beginning of the array. No
   * branch: the first row of zeros would make C2 throw the compiled tile away.
   */
  static int rowStart(int offset, int base) {
    return (base + offset) & ~(offset >> 31);
  }
}
