package org.backdraft.data;

import org.backdraft.image.Dice;
import org.backdraft.plan.Batch;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.ActivationLayout;

/**
 * Mixes the examples of each leaf with each other, in place. The examples of a leaf stand in a ring
 * of random order and each is mixed with the next one: so nobody is its own partner, and everybody
 * is one example's. A leaf of one example stays as it is.
 *
 * <p>What happens to an example is a function of the seed, the epoch, its place in the order of the
 * epoch and that of its leaf alone. Used by one thread.
 */
final class ExampleMixer {
  private static final long RING_OPERATION = 0x6d69_7872_696e_6700L; // "mixring"
  private static final long SHARE_OPERATION = 0x6d69_7873_6861_7265L; // "mixshare"

  private final Mixing mixing;
  private final long seed;
  private final ActivationLayout layout;
  private final Dice dice = new Dice();
  private final int[] ring;

  /** The first example of a ring as it was, for the last one, whose partner it is. */
  private final float[] first;

  /**
   * @param capacity the most examples of a batch
   */
  ExampleMixer(Mixing mixing, long seed, ActivationLayout layout, int capacity) {
    this.mixing = mixing;
    this.seed = seed;
    this.layout = layout;
    ring = new int[mixing.isNone() ? 0 : capacity];
    first = new float[mixing.isNone() ? 0 : layout.size()];
  }

  /** Mixes the batch of the sequence, once it is filled. */
  void mix(Batch batch, BatchSequence sequence) {
    if (mixing.isNone() || sequence.epoch() == RecordReader.UNCHANGED) {
      return;
    }
    long ringKey = CounterRandom.key(seed, sequence.epoch(), RING_OPERATION);
    long shareKey = CounterRandom.key(seed, sequence.epoch(), SHARE_OPERATION);
    for (int leaf = 0; leaf < sequence.leaves(); leaf++) {
      int begin = sequence.leafBegin(leaf);
      int examples = sequence.leafBegin(leaf + 1) - begin;
      if (examples > 1) {
        dice.roll(ringKey, sequence.position() + begin);
        shuffle(begin, examples);
        mixRing(batch, sequence.position(), shareKey, examples);
      }
    }
  }

  /** A permutation of {@code begin …}, all of them equally likely. */
  private void shuffle(int begin, int examples) {
    for (int i = 0; i < examples; i++) {
      int j = dice.below(i + 1);
      ring[i] = ring[j];
      ring[j] = begin + i;
    }
  }

  private void mixRing(Batch batch, long position, long key, int examples) {
    System.arraycopy(batch.inputs(), ring[0] * layout.size(), first, 0, layout.size());
    for (int i = 0; i < examples; i++) {
      int own = ring[i];
      boolean isLast = i + 1 == examples;
      int partner = ring[isLast ? 0 : i + 1];
      float[] from = isLast ? first : batch.inputs();
      int fromBase = isLast ? 0 : partner * layout.size();
      dice.roll(key, position + own);
      float share = mix(from, fromBase, batch.inputs(), own * layout.size());
      batch.mix(own, batch.labels()[partner], share);
    }
  }

  /** The share of what {@code to} had before. */
  private float mix(float[] from, int fromBase, float[] to, int toBase) {
    boolean isCut = mixing.cutmix() > 0 && (mixing.mixup() == 0 || dice.below(2) == 1);
    return isCut ? cut(from, fromBase, to, toBase) : blend(from, fromBase, to, toBase);
  }

  private float blend(float[] from, int fromBase, float[] to, int toBase) {
    float share = dice.beta(mixing.mixup());
    float rest = 1 - share;
    for (int i = 0; i < layout.size(); i++) {
      to[toBase + i] = share * to[toBase + i] + rest * from[fromBase + i];
    }
    return share;
  }

  private float cut(float[] from, int fromBase, float[] to, int toBase) {
    int height = layout.height();
    int width = layout.width();
    double half = 0.5 * Math.sqrt(1.0 - dice.beta(mixing.cutmix()));
    int column = dice.below(width);
    int row = dice.below(height);
    int left = Math.max(0, column - (int) (half * width));
    int right = Math.min(width, column + (int) (half * width));
    int top = Math.max(0, row - (int) (half * height));
    int bottom = Math.min(height, row + (int) (half * height));
    int length = (right - left) * layout.pitch();
    for (int plane = 0; plane < layout.depth(); plane++) {
      for (int y = top; y < bottom; y++) {
        int at = ((plane * height + y) * width + left) * layout.pitch();
        System.arraycopy(from, fromBase + at, to, toBase + at, length);
      }
    }
    return 1 - (float) ((right - left) * (bottom - top)) / (height * width);
  }
}
