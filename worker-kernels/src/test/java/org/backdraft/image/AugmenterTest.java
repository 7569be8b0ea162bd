package org.backdraft.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.backdraft.random.CounterRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AugmenterTest {
  private static final String EVERYTHING =
      "crop:2 flip rotate:10 shift:1.5 zoom:0.1 shear:5 elastic:34,4 elastic-grid:2 brightness:0.2"
          + " contrast:0.3 erase:0.5";

  private static Canvas noise(int channels, int height, int width, long seed) {
    Canvas canvas = new Canvas(channels, true).reset(height, width);
    for (int i = 0; i < channels * height * width; i++) {
      canvas.values()[i] = CounterRandom.bits(seed, 0, i) & 0xff;
    }
    for (int i = 0; i < height * width; i++) {
      canvas.mask()[i] = (int) canvas.values()[i];
    }
    return canvas;
  }

  /** A picture whose channels are the coordinates x and y, and the distance of the mean from it. */
  private static Canvas coordinates(int height, int width) {
    Canvas canvas = new Canvas(2, false).reset(height, width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        canvas.values()[y * width + x] = x;
        canvas.values()[(height + y) * width + x] = y;
      }
    }
    return canvas;
  }

  private static Augmenter augmenter(String text, Canvas like, int height, int width) {
    return new Augmenter(
        Augmentation.parse(text),
        5,
        Border.ZERO,
        new Canvas(like.channels(), like.hasMask()),
        height,
        width);
  }

  private static float[] values(Canvas canvas) {
    return Arrays.copyOf(canvas.values(), canvas.channels() * canvas.pixels());
  }

  @Test
  void whatComesOutDependsOnSeedEpochAndExampleAlone() {
    Canvas source = noise(3, 20, 24, 1);
    float[] before = values(source);
    Augmenter one = augmenter(EVERYTHING, source, 20, 24);
    Augmenter other = augmenter(EVERYTHING, source, 20, 24);
    float[] first = values(one.apply(source, 3, 17));
    Canvas unused = other.apply(noise(3, 20, 24, 2), 9, 1);

    assertThat(values(other.apply(source, 3, 17))).isEqualTo(first);
    assertThat(values(other.apply(source, 4, 17))).isNotEqualTo(first);
    assertThat(values(other.apply(source, 3, 18))).isNotEqualTo(first);
    assertThat(values(source)).isEqualTo(before);
    assertThat(unused.pixels()).isEqualTo(480);
  }

  /** Bits that every JDK and machine must give; changed only by a change of what steps do. */
  @Test
  void everyMachineGivesTheSameBits() {
    Canvas source = noise(2, 19, 23, 4);
    CRC32 crc = new CRC32();
    for (String text :
        new String[] {EVERYTHING, "resized-crop:0.3 turn", "crop border:mirror flip-vertical"}) {
      Augmenter augmenter = augmenter(text, source, 16, 16);
      for (int id = 0; id < 20; id++) {
        for (float value : values(augmenter.apply(source, 1, id))) {
          int bits = Float.floatToRawIntBits(value);
          for (int shift = 0; shift < 32; shift += 8) {
            crc.update(bits >>> shift);
          }
        }
      }
    }
    assertThat(Long.toHexString(crc.getValue())).isEqualTo("3bc1490");
  }

  @Test
  void aPaddedCropMovesPixelsByWholePlaces() {
    Canvas source = noise(2, 9, 11, 3);
    Augmenter augmenter = augmenter("crop:3", source, 9, 11);
    boolean[] seen = new boolean[49];
    for (int id = 0; id < 600; id++) {
      Canvas moved = augmenter.apply(source, 0, id);
      int place = place(source, moved);
      assertThat(place).as("example %d is a shifted copy", id).isNotNegative();
      seen[place] = true;
    }
    for (boolean each : seen) {
      assertThat(each).as("every place comes up").isTrue();
    }
  }

  /** Which of the 49 shifts it is; −1 for none. */
  private static int place(Canvas source, Canvas moved) {
    for (int place = 0; place < 49; place++) {
      if (isMoved(source, moved, place / 7 - 3, place % 7 - 3)) {
        return place;
      }
    }
    return -1;
  }

  private static boolean isMoved(Canvas source, Canvas moved, int down, int right) {
    for (int c = 0; c < source.channels(); c++) {
      for (int y = 0; y < source.height(); y++) {
        for (int x = 0; x < source.width(); x++) {
          boolean isInside =
              y + down >= 0
                  && y + down < source.height()
                  && x + right >= 0
                  && x + right < source.width();
          int from = (c * source.height() + y + down) * source.width() + x + right;
          float expected = isInside ? source.values()[from] : 0;
          if (moved.values()[(c * source.height() + y) * source.width() + x] != expected) {
            return false;
          }
        }
      }
    }
    return true;
  }

  @Test
  void aFlipExchangesLeftAndRightOfAboutHalf() {
    Canvas source = noise(3, 5, 8, 3);
    Augmenter augmenter = augmenter("flip", source, 5, 8);
    int flipped = 0;
    for (int id = 0; id < 400; id++) {
      Canvas result = augmenter.apply(source, 0, id);
      boolean isFlipped = result.values()[0] != source.values()[0];
      flipped += isFlipped ? 1 : 0;
      for (int row = 0; row < 15; row++) {
        for (int x = 0; x < 8; x++) {
          assertThat(result.values()[row * 8 + x])
              .isEqualTo(source.values()[row * 8 + (isFlipped ? 7 - x : x)]);
        }
      }
    }
    assertThat(flipped).isBetween(150, 250);
  }

  /** A mask that says what the picture's first channel says must go on saying it. */
  @ParameterizedTest
  @ValueSource(
      strings = {"crop", "crop:5", "flip flip-vertical turn crop", "turn crop:9 border:mirror"})
  void aMaskGoesWhereItsPixelsGo(String text) {
    Canvas source = noise(1, 20, 20, 6);
    Augmenter augmenter = augmenter(text, source, 12, 12);
    for (int id = 0; id < 100; id++) {
      Canvas result = augmenter.apply(source, 2, id);
      for (int i = 0; i < result.pixels(); i++) {
        assertThat(result.values()[i]).isEqualTo(result.mask()[i]);
      }
    }
  }

  /** Each pixel tells by its values where it came from, and by its mask too. */
  @ParameterizedTest
  @ValueSource(strings = {"elastic-grid:6", "elastic:34,4", "rotate:20 zoom:0.2 elastic-grid:3"})
  void aMaskIsBentAsItsPixelsAre(String text) {
    int side = 81;
    Canvas source = new Canvas(2, true).reset(side, side);
    Canvas places = coordinates(side, side);
    System.arraycopy(places.values(), 0, source.values(), 0, 2 * side * side);
    for (int i = 0; i < side * side; i++) {
      source.mask()[i] = i;
    }
    Augmenter augmenter = augmenter(text, source, 41, 41);
    int moved = 0;
    for (int id = 0; id < 20; id++) {
      Canvas result = augmenter.apply(source, 1, id);
      for (int i = 0; i < result.pixels(); i++) {
        float x = result.values()[i];
        float y = result.values()[result.pixels() + i];
        if (Math.min(x, y) < 1 || Math.max(x, y) > side - 2) {
          continue; // where the border is mixed in, values are no coordinates
        }
        assertThat((float) (result.mask()[i] % side)).isCloseTo(x, within(0.501f));
        assertThat((float) (result.mask()[i] / side)).isCloseTo(y, within(0.501f));
        moved += Math.abs(x - 20 - i % 41) > 1 ? 1 : 0;
      }
    }
    assertThat(moved).isGreaterThan(1000);
  }

  @Test
  void quarterTurnsAllComeUp() {
    Canvas source = noise(1, 6, 6, 6);
    Augmenter augmenter = augmenter("turn", source, 6, 6);
    int[] corners = {0, 5, 30, 35};
    int[] seen = new int[4];
    for (int id = 0; id < 200; id++) {
      Canvas result = augmenter.apply(source, 0, id);
      for (int i = 0; i < 4; i++) {
        seen[i] += result.values()[0] == source.values()[corners[i]] ? 1 : 0;
      }
    }
    assertThat(seen)
        .satisfies(
            counts ->
                assertThat(Arrays.stream(counts).min().getAsInt()) //
                    .isGreaterThan(25));
    assertThat(Arrays.stream(seen).sum()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"rotate:20", "shear:15", "zoom:0.2", "shift:3"})
  void affineStepsKeepLinesStraightAndWithinTheirRange(String text) {
    Canvas source = coordinates(100, 100);
    Augmenter augmenter = augmenter(text, source, 41, 31);
    float largest = 0;
    for (int id = 0; id < 200; id++) {
      Canvas result = augmenter.apply(source, 0, id);
      float[] x = Arrays.copyOf(result.values(), result.pixels());
      int middle = 20 * 31 + 15;
      float across = (x[middle + 15] - x[middle - 15]) / 30;
      float down = (x[middle + 20 * 31] - x[middle - 20 * 31]) / 40;
      for (int place : new int[] {0, 30, 7 * 31 + 3, 40 * 31 + 30}) {
        float expected = x[middle] + across * (place % 31 - 15) + down * (place / 31 - 20);
        assertThat(x[place]).isCloseTo(expected, within(1e-3f));
      }
      float moved =
          switch (text) {
            case "rotate:20" -> (float) Math.toDegrees(StrictMath.asin(-down));
            case "shear:15" -> (float) Math.toDegrees(StrictMath.atan(down));
            case "zoom:0.2" -> 1 / across - 1;
            default -> x[middle] - 49.5f;
          };
      largest = Math.max(largest, Math.abs(moved));
    }
    float bound =
        switch (text) {
          case "rotate:20" -> 20;
          case "shear:15" -> 15;
          case "zoom:0.2" -> 0.2f;
          default -> 3.5f; // half a pixel since the size of the part is odd, that of the whole even
        };
    assertThat(largest).isBetween(0.9f * bound - 0.5f * (bound == 3.5f ? 1 : 0), bound * 1.001f);
  }

  @Test
  void aGridOfDisplacementsHasItsDeviationAtItsNodes() {
    Canvas source = coordinates(200, 200);
    Augmenter augmenter = augmenter("elastic-grid:6", source, 65, 65);
    double[] squares = new double[2];
    int examples = 500;
    for (int id = 0; id < examples; id++) {
      float[] values = augmenter.apply(source, 0, id).values();
      double corner = values[0] - 67.0;
      double between = values[16 * 65 + 16] - 83.0;
      squares[0] += corner * corner;
      squares[1] += between * between;
    }
    assertThat(Math.sqrt(squares[0] / examples)).isCloseTo(6, within(0.6));
    // Between four nodes their weights' squares sum to less than 1.
    assertThat(Math.sqrt(squares[1] / examples)).isBetween(2.5, 5.0);
  }

  @Test
  void smoothNoiseHasTheDeviationOfAConvolvedUniformOne() {
    Canvas source = coordinates(200, 200);
    Augmenter augmenter = augmenter("elastic:34,4", source, 61, 61);
    double squares = 0;
    double differences = 0;
    int examples = 300;
    for (int id = 0; id < examples; id++) {
      float[] values = augmenter.apply(source, 0, id).values();
      double at = values[30 * 61 + 30] - 99.0;
      double beside = values[30 * 61 + 31] - 100.0;
      squares += at * at;
      differences += (at - beside) * (at - beside);
    }
    // A uniform number in [−1, 1) has the variance 1/3; the kernel's squares sum to 1/(4πσ²).
    double expected = 34 * Math.sqrt(1 / 3.0 / (4 * Math.PI * 16));
    assertThat(Math.sqrt(squares / examples)).isCloseTo(expected, within(0.12 * expected));
    assertThat(Math.sqrt(differences / examples)).isBetween(0.05 * expected, 0.3 * expected);
  }

  @Test
  void repaintedValuesStayInRange() {
    Canvas source = noise(3, 8, 8, 9);
    Augmenter augmenter = augmenter("brightness:0.9 contrast:0.9", source, 8, 8);
    boolean hasChanged = false;
    for (int id = 0; id < 50; id++) {
      float[] result = values(augmenter.apply(source, 0, id));
      for (float value : result) {
        assertThat(value).isBetween(0f, 255f);
      }
      hasChanged |= !Arrays.equals(result, values(source));
    }
    assertThat(hasChanged).isTrue();
  }

  @Test
  void erasingChangesARectangleOfSomeExamples() {
    Canvas source = new Canvas(1, false).reset(32, 32);
    Arrays.fill(source.values(), -1); // what no erased pixel can be
    Augmenter augmenter = augmenter("erase:0.5", source, 32, 32);
    int erased = 0;
    for (int id = 0; id < 300; id++) {
      float[] values = augmenter.apply(source, 0, id).values();
      int count = 0;
      int top = 32;
      int bottom = -1;
      int left = 32;
      int right = -1;
      for (int i = 0; i < 1024; i++) {
        if (values[i] != -1) {
          count++;
          top = Math.min(top, i / 32);
          bottom = Math.max(bottom, i / 32);
          left = Math.min(left, i % 32);
          right = Math.max(right, i % 32);
        }
      }
      erased += count > 0 ? 1 : 0;
      if (count > 0) {
        assertThat(count).isEqualTo((bottom - top + 1) * (right - left + 1));
        assertThat(count).isBetween(8, 410);
      }
    }
    assertThat(erased).isBetween(110, 190);
  }

  @Test
  void nothingButTheSineAndCosineOfARotationIsAllocatedForAnExample() {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Canvas source = noise(3, 24, 24, 1);
    Augmenter augmenter = augmenter(EVERYTHING + " resized-crop", source, 24, 24);
    for (int id = 0; id < 20_000; id++) { // until all is compiled
      Canvas unused = augmenter.apply(source, 0, id);
    }
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int id = 0; id < 500; id++) {
      Canvas unused = augmenter.apply(source, 0, id);
    }
    // From JDK 21 on StrictMath takes 32 bytes for a sine and for a cosine, which C2 leaves out or
    // not by what else ran in this JVM.
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(500 * (8 + 2 * 32));
  }
}
