package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;

import org.backdraft.image.Canvas;

/** A PNG or JPEG, as colors and as the grey values of a mask. */
public final class PictureFuzz {
  private PictureFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    for (int channels : new int[] {1, 3}) {
      Canvas canvas = new Canvas(channels, false);
      try {
        PictureDecoder.Size size = PictureDecoder.size("fuzzed", bytes, 0, bytes.length);
        if ((long) size.height() * size.width() > FuzzedFiles.MOST_ELEMENTS) {
          return;
        }
        new PictureDecoder().decode("fuzzed", bytes, 0, bytes.length, canvas);
        assertThat(canvas.pixels()).isEqualTo(size.height() * size.width());
        for (int i = 0; i < channels * canvas.pixels(); i++) {
          if (!(canvas.values()[i] >= 0 && canvas.values()[i] <= 255)) {
            throw new AssertionError("Value " + i + " must lie in [0, 255]: " + canvas.values()[i]);
          }
        }
      } catch (DataException expected) {
        assertThat(expected.getMessage()).contains("fuzzed");
      }
    }
  }
}
