package org.backdraft.image;

/** A step of an augmentation that moves pixels; all of a list act together in one resampling. */
sealed interface GeometricStep extends AugmentationStep {
  /** Draws its numbers and bends the map; the map starts at the middle of the source. */
  void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice);

  /**
   * A part of the result's size at a random whole place of the source, which may reach over its
   * border by {@code padding} pixels (the padded crop of He et al. 2016, section 4.2).
   */
  record Crop(int padding) implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      warp.corner(
          place(sourceHeight - warp.height(), dice), place(sourceWidth - warp.width(), dice));
    }

    private int place(int room, Dice dice) {
      int low = Math.min(0, room) - padding;
      return low + dice.below(Math.abs(room) + 2 * padding + 1);
    }
  }

  /** Left and right exchanged for half of the pictures. */
  record Flip() implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      if (dice.below(2) == 1) {
        warp.multiply(-1, 0, 0, 1);
      }
    }
  }

  /** Top and bottom exchanged for half of the pictures. */
  record FlipVertical() implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      if (dice.below(2) == 1) {
        warp.multiply(1, 0, 0, -1);
      }
    }
  }

  /** A rotation by 0, 90, 180 or 270 degrees; by 0 or 180 where the result is no square. */
  record Turn() implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      int quarters = warp.height() == warp.width() ? dice.below(4) : 2 * dice.below(2);
      for (int i = 0; i < quarters; i++) {
        warp.multiply(0, -1, 1, 0);
      }
    }
  }

  /** A rotation by an angle in [−degrees, degrees]. */
  record Rotate(float degrees) implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      double angle = StrictMath.toRadians(dice.between(-degrees, degrees));
      float sin = (float) StrictMath.sin(angle);
      float cos = (float) StrictMath.cos(angle);
      warp.multiply(cos, -sin, sin, cos);
    }
  }

  /** A shift by up to that many pixels along each axis, fractions too. */
  record Shift(float pixels) implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      warp.move(dice.between(-pixels, pixels), dice.between(-pixels, pixels));
    }
  }

  /** A larger or smaller picture: by a factor in [1 − part, 1 + part]. */
  record Zoom(float part) implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      float inverse = 1 / dice.between(1 - part, 1 + part);
      warp.multiply(inverse, 0, 0, inverse);
    }
  }

  /** Rows moved against each other: a slant by an angle in [−degrees, degrees]. */
  record Shear(float degrees) implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      double angle = StrictMath.toRadians(dice.between(-degrees, degrees));
      warp.multiply(1, (float) StrictMath.tan(angle), 0, 1);
    }
  }

  /**
   * Elastic deformation of Simard, Steinkraus and Platt 2003, section 2: random displacements
   * smoothed by a Gaussian of deviation σ and scaled by α; they found σ = 4 and α = 34 best for
   * MNIST.
   *
   * @param kernel the Gaussian from its middle out to 3 σ
   */
  record Elastic(float alpha, float[] kernel) implements GeometricStep {
    static Elastic of(float alpha, float sigma) {
      float[] kernel = new float[(int) StrictMath.ceil(3 * sigma) + 1];
      double sum = 0;
      for (int i = 0; i < kernel.length; i++) {
        double value = StrictMath.exp(-0.5 * i * i / ((double) sigma * sigma));
        kernel[i] = (float) value;
        sum += i == 0 ? value : 2 * value;
      }
      for (int i = 0; i < kernel.length; i++) {
        kernel[i] = (float) (kernel[i] / sum);
      }
      return new Elastic(alpha, kernel);
    }

    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      warp.bendByNoise(alpha, kernel, dice);
    }
  }

  /**
   * Elastic deformation of Ronneberger, Fischer and Brox 2015, section 3.1: normally distributed
   * displacements on a 3×3 grid, 10 pixels there, with bicubic interpolation between.
   */
  record ElasticGrid(float deviation) implements GeometricStep {
    @Override
    public void bend(Warp warp, int sourceHeight, int sourceWidth, Dice dice) {
      warp.bendByGrid(deviation, dice);
    }
  }
}
