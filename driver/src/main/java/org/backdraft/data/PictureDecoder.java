package org.backdraft.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.backdraft.image.Canvas;

/**
 * Decodes JPEG and PNG by the JDK's {@code ImageIO} into a canvas of one channel (grey) or three
 * (red, green, blue).
 *
 * <p>Samples are taken as they are stored, without color management, and an alpha channel is left
 * out, as torchvision does; grey pictures fill three channels alike, and color becomes grey by the
 * weights of Rec. 601 (0.299, 0.587, 0.114). JPEGs of four channels are taken for CMYK or YCCK as
 * their Adobe marker says. PNGs give the same values everywhere; of JPEGs those of another vendor's
 * JDK may differ by a grey level.
 *
 * <p>Used by one thread.
 */
final class PictureDecoder {
  /** The most pixels of a picture: what a header promises is not believed beyond. */
  static final long MOST_PIXELS = 1 << 25;

  /** Pixels that a file must have a byte for, at least: more promise a decompression bomb. */
  private static final int MOST_PIXELS_PER_BYTE = 4096;

  /** A small file may be one of a picture of one color. */
  private static final long FREE_PIXELS = 1 << 22;

  /** How the JDK's reader warns of a JPEG that ends too early, before it fills it with grey. */
  private static final String CUT_OFF = "Truncated File";

  /** Likewise of one that lacks a part. */
  private static final String GAP = "premature end of data";

  private static final float SIXTEEN_BITS = 1 / 257f;

  private int[] row = {};

  /** Size and shape of a picture as its header gives them. */
  record Size(int height, int width) {}

  /**
   * The size that the header gives; little more than the header is read.
   *
   * @param name of the file, for messages
   */
  static Size size(String name, byte[] bytes, int begin, int end) throws DataException {
    ImageReader reader = open(name, bytes, begin, end);
    try {
      return size(name, reader, end - begin);
    } catch (IOException | RuntimeException e) {
      throw broken(name, e);
    } finally {
      reader.dispose();
    }
  }

  /**
   * Decodes {@code bytes[begin, end)}.
   *
   * @param name of the file, for messages
   * @throws DataException if it is no picture, is broken, or promises too many pixels
   */
  void decode(String name, byte[] bytes, int begin, int end, Canvas target) throws DataException {
    ImageReader reader = open(name, bytes, begin, end);
    try {
      Size size = size(name, reader, end - begin);
      target.reset(size.height(), size.width());
      reader.addIIOReadWarningListener(
          (source, warning) -> {
            if (warning.startsWith(CUT_OFF) || warning.contains(GAP)) {
              throw new IllegalStateException("it is cut off, or a part is missing");
            }
          });
      if (hasFourChannels(reader, bytes, begin, end)) {
        fromFour(reader.readRaster(0, null), AdobeMarker.find(bytes, begin, end), target);
      } else {
        BufferedImage image = reader.read(0);
        fill(image.getRaster(), image.getColorModel(), target);
      }
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) {
      // ImageIO meets damaged bytes with exceptions of many kinds.
      throw broken(name, e);
    } finally {
      reader.dispose();
    }
  }

  private static ImageReader open(String name, byte[] bytes, int begin, int end)
      throws DataException {
    String format = format(bytes, begin, end);
    if (format == null) {
      throw new DataException(
          "%s must be a JPEG or PNG: its first bytes are those of neither. Remove or convert it."
              .formatted(name));
    }
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName(format);
    if (!readers.hasNext()) {
      throw new DataException(
          "%s: this JDK has no reader for %s. Use a JDK with the module java.desktop."
              .formatted(name, format));
    }
    ImageReader reader = readers.next();
    reader.setInput(
        new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes, begin, end - begin)),
        /* seekForwardOnly= */ false,
        /* ignoreMetadata= */ true);
    return reader;
  }

  private static String format(byte[] bytes, int begin, int end) {
    if (end - begin >= 3 && (bytes[begin] & 0xff) == 0xff && (bytes[begin + 1] & 0xff) == 0xd8) {
      return "jpeg";
    }
    return end - begin >= 8 && (bytes[begin] & 0xff) == 0x89 && bytes[begin + 1] == 'P'
        ? "png"
        : null;
  }

  private static Size size(String name, ImageReader reader, int fileBytes) throws IOException {
    int height = reader.getHeight(0);
    int width = reader.getWidth(0);
    long pixels = (long) height * width;
    if (height < 1 || width < 1 || pixels > MOST_PIXELS) {
      throw new DataException(
          "%s must have 1 to %d pixels: its header says %d x %d."
              .formatted(name, MOST_PIXELS, width, height));
    }
    if (pixels > FREE_PIXELS && pixels / MOST_PIXELS_PER_BYTE > fileBytes) {
      throw new DataException(
          "%s promises %d x %d pixels in %d bytes, which looks like a decompression bomb."
              .formatted(name, width, height, fileBytes));
    }
    return new Size(height, width);
  }

  private static DataException broken(String name, Exception e) {
    String what = e.getMessage() == null ? e.toString() : e.getMessage();
    return e instanceof DataException data
        ? data
        : new DataException(
            "%s cannot be decoded: %s. Remove it, or replace it.".formatted(name, what), e);
  }

  private static boolean hasFourChannels(ImageReader reader, byte[] bytes, int begin, int end)
      throws IOException {
    return reader.getFormatName().toLowerCase(Locale.ROOT).startsWith("jp")
        && AdobeMarker.components(bytes, begin, end) == 4;
  }

  /** From grey, color or a palette, of 8 or 16 bits. */
  private void fill(Raster raster, ColorModel model, Canvas target) {
    int bands = raster.getNumBands();
    int width = target.width();
    if (row.length < width * bands) {
      row = new int[width * bands];
    }
    boolean hasPalette = model instanceof IndexColorModel;
    int colors = bands >= 3 ? 3 : 1; // a second or fourth band is alpha
    float scale = raster.getSampleModel().getSampleSize(0) == 16 ? SIXTEEN_BITS : 1;
    for (int y = 0; y < target.height(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        float red;
        float green;
        float blue;
        if (hasPalette) {
          int rgb = model.getRGB(row[x]);
          red = (rgb >> 16) & 0xff;
          green = (rgb >> 8) & 0xff;
          blue = rgb & 0xff;
        } else {
          red = row[x * bands] * scale;
          green = colors == 1 ? red : row[x * bands + 1] * scale;
          blue = colors == 1 ? red : row[x * bands + 2] * scale;
        }
        put(target, y * width + x, red, green, blue);
      }
    }
  }

  private static void put(Canvas target, int pixel, float red, float green, float blue) {
    float[] values = target.values();
    if (target.channels() == 1) {
      boolean isGrey = red == green && green == blue;
      values[pixel] = isGrey ? red : 0.299f * red + 0.587f * green + 0.114f * blue;
    } else {
      values[pixel] = red;
      values[target.pixels() + pixel] = green;
      values[2 * target.pixels() + pixel] = blue;
    }
  }

  /**
   * From cyan, magenta, yellow and black, of which YCCK has the first three as luma and chroma.
   * With an Adobe marker 255 is no ink, else 0.
   */
  private void fromFour(Raster raster, AdobeMarker marker, Canvas target) throws IIOException {
    if (raster.getNumBands() != 4) {
      throw new IIOException("it has " + raster.getNumBands() + " channels, its header 4");
    }
    int width = target.width();
    if (row.length < 4 * width) {
      row = new int[4 * width];
    }
    for (int y = 0; y < target.height(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        float first = row[4 * x];
        float second = row[4 * x + 1];
        float third = row[4 * x + 2];
        float key = row[4 * x + 3];
        if (marker == AdobeMarker.YCCK) {
          float luma = first;
          float blueness = second - 128;
          float redness = third - 128;
          first = clamp(luma + 1.402f * redness);
          second = clamp(luma - 0.344136f * blueness - 0.714136f * redness);
          third = clamp(luma + 1.772f * blueness);
        }
        if (marker == AdobeMarker.NONE) {
          first = 255 - first;
          second = 255 - second;
          third = 255 - third;
          key = 255 - key;
        }
        float light = key / 255;
        put(target, y * width + x, first * light, second * light, third * light);
      }
    }
  }

  private static float clamp(float value) {
    return Math.max(0, Math.min(255, value));
  }
}
