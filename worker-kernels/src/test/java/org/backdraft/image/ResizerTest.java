package org.backdraft.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizerTest {
  private static Canvas squares(int height, int width) {
    Canvas canvas = new Canvas(1, true).reset(height, width);
    for (int i = 0; i < height * width; i++) {
      canvas.values()[i] = i * i % 251;
      canvas.mask()[i] = i;
    }
    return canvas;
  }

  /**
   * Against {@code torch.nn.functional.interpolate(x, size, mode="bilinear", antialias=True)} of
   * PyTorch 2.13, where x is i² mod 251.
   */
  @ParameterizedTest
  @CsvSource({
    "4, 5, 8, 7, "
        + "0.000 0.571 1.857 4.000 7.571 12.000 16.000 6.250 8.250 11.321 15.250 20.607"
        + " 26.821 32.250 18.750 23.607 30.250 37.750 46.679 56.464 64.750 43.750 51.464"
        + " 61.679 72.750 85.250 98.607 109.750 81.250 91.821 105.607 120.250 136.321"
        + " 153.250 167.250 131.250 108.821 99.286 117.500 137.143 157.643 174.500 193.750"
        + " 102.464 42.714 64.500 87.714 111.786 131.500 225.000 99.286 14.429 38.000"
        + " 63.000 88.857 110.000",
    "9, 11, 4, 3, "
        + "92.733 80.062 103.610 123.475 125.723 107.714 135.367 136.061 128.691 146.242"
        + " 129.643 118.847",
    "13, 6, 5, 9, "
        + "52.867 59.767 69.300 79.833 91.367 93.806 67.961 64.033 66.567 96.303 116.985"
        + " 138.556 142.111 165.682 175.975 126.419 96.879 79.727 60.629 97.129 136.567"
        + " 148.319 103.700 65.724 104.048 143.371 173.114 84.697 95.182 114.566 150.162"
        + " 156.333 149.227 131.712 141.818 156.303 115.200 135.283 151.239 134.728"
        + " 161.050 172.700 97.500 98.600 118.500"
  })
  void agreesWithPyTorch(int height, int width, int toHeight, int toWidth, String expected) {
    Canvas target = new Canvas(1, true);
    new Resizer().resize(squares(height, width), toHeight, toWidth, target);
    String[] values = expected.split(" ", -1);
    assertThat(values).hasSize(toHeight * toWidth);
    for (int i = 0; i < values.length; i++) {
      assertThat(target.values()[i]).isCloseTo(Float.parseFloat(values[i]), within(2e-3f));
    }
  }

  @Test
  void ofTheSameSizeItIsACopy() {
    Canvas source = squares(5, 7);
    Canvas target = new Canvas(1, true);
    new Resizer().resize(source, 5, 7, target);
    for (int i = 0; i < 35; i++) {
      assertThat(target.values()[i]).isEqualTo(source.values()[i]);
      assertThat(target.mask()[i]).isEqualTo(i);
    }
  }

  @Test
  void aPartIsResizedAsIfItWereThePicture() {
    Canvas source = squares(9, 10);
    Canvas part = new Canvas(1, true).reset(4, 6);
    for (int y = 0; y < 4; y++) {
      for (int x = 0; x < 6; x++) {
        part.values()[y * 6 + x] = source.values()[(y + 3) * 10 + x + 2];
        part.mask()[y * 6 + x] = source.mask()[(y + 3) * 10 + x + 2];
      }
    }
    Canvas expected = new Canvas(1, true);
    Canvas actual = new Canvas(1, true);
    Resizer resizer = new Resizer();
    resizer.resize(part, 5, 3, expected);
    resizer.resize(source, 3, 2, 4, 6, 5, 3, actual);
    for (int i = 0; i < 15; i++) {
      assertThat(actual.values()[i]).isEqualTo(expected.values()[i]);
      assertThat(actual.mask()[i]).isEqualTo(expected.mask()[i]);
    }
  }
}
