package org.backdraft.metric;

import java.util.Arrays;

/**
 * How well a segmentation agrees with the true one: the foreground-restricted Rand score of the
 * ISBI challenges, V = Σ p² / (½ Σ s² + ½ Σ t²), where p counts the pixels of each pair of a true
 * and a found segment, t those of a true one, s those of a found one, over the pixels that belong
 * to a true segment. 1 for equal segmentations; found segments that run together or are cut lower
 * it. Pixels of which no segment was found count as segments of one pixel each.
 *
 * <p>Source: Arganda-Carreras et al. 2015, <em>Crowdsourcing the creation of image segmentation
 * algorithms for connectomics</em>, section 2.4, with α = ½.
 *
 * <p>Used by one thread; allocates nothing.
 */
final class RandScore {
  private final int pixels;
  private final long[] pairs;
  private final int[] found;

  RandScore(int pixels) {
    this.pixels = pixels;
    pairs = new long[pixels];
    found = new int[pixels];
  }

  /**
   * The score of one image.
   *
   * @param segments found, {@link Components#NONE} for pixels of none; null for one segment that is
   *     everything
   * @param truth likewise; its segments are where the image is looked at
   * @return NaN where there is no true segment
   */
  double of(int[] segments, int[] truth) {
    int count = 0;
    double singles = 0;
    for (int at = 0; at < pixels; at++) {
      if (truth[at] == Components.NONE) {
        continue;
      }
      int segment = segments == null ? 0 : segments[at];
      if (segment == Components.NONE) {
        singles++;
        segment = pixels; // behind all others
      }
      pairs[count] = ((long) truth[at] << 32) | segment;
      found[count++] = segment;
    }
    if (count == 0) {
      return Double.NaN;
    }
    Arrays.sort(pairs, 0, count);
    Arrays.sort(found, 0, count);
    double joint = singles;
    double ofTruth = 0;
    double ofFound = singles;
    for (int begin = 0, end; begin < count; begin = end) {
      end = begin;
      while (end < count && pairs[end] == pairs[begin]) {
        end++;
      }
      joint += (int) pairs[begin] == pixels ? 0 : square(end - begin);
    }
    for (int begin = 0, end; begin < count; begin = end) {
      end = begin;
      while (end < count && pairs[end] >>> 32 == pairs[begin] >>> 32) {
        end++;
      }
      ofTruth += square(end - begin);
    }
    for (int begin = 0, end; begin < count; begin = end) {
      end = begin;
      while (end < count && found[end] == found[begin]) {
        end++;
      }
      ofFound += found[begin] == pixels ? 0 : square(end - begin);
    }
    return joint / (0.5 * ofFound + 0.5 * ofTruth);
  }

  private static double square(double value) {
    return value * value;
  }
}
