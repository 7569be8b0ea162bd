package org.backdraft.image;

/** A step of an augmentation that changes values where they are. */
sealed interface PaintedStep extends AugmentationStep {
  /** Draws its numbers and changes the picture; values stay in [0, 255]. */
  void paint(Canvas canvas, Dice dice);

  private static float inRange(float value) {
    return Math.max(0, Math.min(255, value));
  }

  /** All values times a factor in [1 − part, 1 + part]. */
  record Brightness(float part) implements PaintedStep {
    @Override
    public void paint(Canvas canvas, Dice dice) {
      float factor = dice.between(1 - part, 1 + part);
      float[] values = canvas.values();
      for (int i = 0; i < canvas.channels() * canvas.pixels(); i++) {
        values[i] = inRange(values[i] * factor);
      }
    }
  }

  /** The distance of all values from their mean times a factor in [1 − part, 1 + part]. */
  record Contrast(float part) implements PaintedStep {
    @Override
    public void paint(Canvas canvas, Dice dice) {
      float factor = dice.between(1 - part, 1 + part);
      float[] values = canvas.values();
      int length = canvas.channels() * canvas.pixels();
      double sum = 0;
      for (int i = 0; i < length; i++) {
        sum += values[i];
      }
      float mean = (float) (sum / length);
      for (int i = 0; i < length; i++) {
        values[i] = inRange(mean + (values[i] - mean) * factor);
      }
    }
  }

  /**
   * Random erasing of Zhong et al. 2020, section 3.2: with the given probability a rectangle of 2
   * to 40 % of the picture, with sides of a ratio of 0.3 to 1/0.3, gets random values.
   */
  record Erase(float probability) implements PaintedStep {
    private static final float LEAST_AREA = 0.02f;
    private static final float MOST_AREA = 0.4f;
    private static final float LEAST_RATIO = 0.3f;
    private static final int TRIES = 100;

    @Override
    public void paint(Canvas canvas, Dice dice) {
      if (dice.between(0, 1) >= probability) {
        return;
      }
      for (int i = 0; i < TRIES; i++) {
        double area = dice.between(LEAST_AREA, MOST_AREA) * (double) canvas.pixels();
        double ratio = dice.between(LEAST_RATIO, 1 / LEAST_RATIO);
        int height = (int) StrictMath.sqrt(area * ratio);
        int width = (int) StrictMath.sqrt(area / ratio);
        int top = dice.below(canvas.height());
        int left = dice.below(canvas.width());
        if (height >= 1
            && width >= 1
            && top + height <= canvas.height()
            && left + width <= canvas.width()) {
          erase(canvas, top, left, height, width, dice);
          return;
        }
      }
    }

    private static void erase(Canvas canvas, int top, int left, int height, int width, Dice dice) {
      for (int c = 0; c < canvas.channels(); c++) {
        for (int y = top; y < top + height; y++) {
          int row = (c * canvas.height() + y) * canvas.width();
          for (int x = left; x < left + width; x++) {
            canvas.values()[row + x] = dice.below(256);
          }
        }
      }
    }
  }
}
