package org.backdraft.image;

/**
 * A part of the source, resized to the result: of {@code leastArea} to 1 of its area, with sides of
 * a ratio in [3/4, 4/3], both uniform, the ratio in its logarithm; after ten parts that do not fit
 * the largest in the middle whose ratio lies in that range. As torchvision's {@code
 * RandomResizedCrop}, after Szegedy et al. 2015, <em>Going deeper with convolutions</em>, section
 * 6.
 */
record ResizedCrop(float leastArea) implements AugmentationStep {
  private static final int TRIES = 10;
  private static final double MOST_RATIO = 4.0 / 3;
  private static final double MOST_LOG_RATIO = StrictMath.log(MOST_RATIO);

  /** Writes the part of {@code source} to {@code target}, in that size. */
  void resize(Canvas source, int height, int width, Canvas target, Resizer resizer, Dice dice) {
    int rows = source.height();
    int columns = source.width();
    for (int i = 0; i < TRIES; i++) {
      double area = dice.between(leastArea, 1) * (double) source.pixels();
      double ratio = StrictMath.exp(dice.between((float) -MOST_LOG_RATIO, (float) MOST_LOG_RATIO));
      int partWidth = (int) StrictMath.rint(StrictMath.sqrt(area * ratio));
      int partHeight = (int) StrictMath.rint(StrictMath.sqrt(area / ratio));
      if (partWidth >= 1 && partWidth <= columns && partHeight >= 1 && partHeight <= rows) {
        int top = dice.below(rows - partHeight + 1);
        int left = dice.below(columns - partWidth + 1);
        resizer.resize(source, top, left, partHeight, partWidth, height, width, target);
        return;
      }
    }
    int partWidth = Math.max(1, Math.min(columns, (int) StrictMath.rint(rows * MOST_RATIO)));
    int partHeight = Math.max(1, Math.min(rows, (int) StrictMath.rint(columns * MOST_RATIO)));
    resizer.resize(
        source,
        (rows - partHeight) / 2,
        (columns - partWidth) / 2,
        partHeight,
        partWidth,
        height,
        width,
        target);
  }
}
