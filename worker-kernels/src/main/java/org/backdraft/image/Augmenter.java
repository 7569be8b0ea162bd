package org.backdraft.image;

import java.util.List;
import org.backdraft.random.CounterRandom;

/**
 * Applies an {@link Augmentation} to pictures, one after the other. What becomes of a picture is a
 * function of (seed, epoch, id) and the picture, wherever and whenever it is done.
 *
 * <p>Used by one thread; allocates nothing after the largest picture.
 */
public final class Augmenter {
  /** The first step's own stream of random numbers, "augment" in ASCII; the next ones follow. */
  private static final long OPERATION = 0x61_75_67_6d_65_6e_74L;

  private final List<AugmentationStep> steps;
  private final Border border;
  private final long seed;
  private final Warp warp;
  private final Resizer resizer = new Resizer();
  private final Dice dice = new Dice();
  private final Canvas part;
  private final Canvas result;
  private final long[] keys;
  private long keyEpoch = -1;

  /**
   * @param seed of the run
   * @param border what lies outside of pictures if the augmentation does not say it
   * @param result where results go: its channels and whether there is a mask are those of the
   *     sources
   * @param height of results
   * @param width of results
   */
  public Augmenter(
      Augmentation augmentation, long seed, Border border, Canvas result, int height, int width) {
    steps = augmentation.steps();
    this.border = augmentation.border(border);
    this.seed = seed;
    this.result = result;
    warp = new Warp(height, width);
    part = new Canvas(result.channels(), result.hasMask());
    keys = new long[steps.size()];
  }

  /**
   * The picture as it is shown in an epoch; of a source that is larger or smaller than results, and
   * is not cropped at random, the middle.
   *
   * @param source not the result's canvas; unchanged
   * @param epoch from 0
   * @param id of the example
   * @return the canvas for results, overwritten by the next call
   */
  public Canvas apply(Canvas source, long epoch, long id) {
    if (epoch != keyEpoch) {
      for (int i = 0; i < keys.length; i++) {
        keys[i] = CounterRandom.key(seed, epoch, OPERATION + i);
      }
      keyEpoch = epoch;
    }
    Canvas from = source;
    for (int i = 0; i < keys.length; i++) {
      if (steps.get(i) instanceof ResizedCrop crop) {
        dice.roll(keys[i], id);
        crop.resize(source, warp.height(), warp.width(), part, resizer, dice);
        from = part;
      }
    }
    warp.reset(from.height(), from.width());
    for (int i = 0; i < keys.length; i++) {
      if (steps.get(i) instanceof GeometricStep step) {
        dice.roll(keys[i], id);
        step.bend(warp, from.height(), from.width(), dice);
      }
    }
    warp.resample(from, border, result);
    for (int i = 0; i < keys.length; i++) {
      if (steps.get(i) instanceof PaintedStep step) {
        dice.roll(keys[i], id);
        step.paint(result, dice);
      }
    }
    return result;
  }
}
