package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.awt.image.BufferedImage;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.backdraft.image.Augmentation;
import org.backdraft.image.Canvas;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderSourceTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final Shape SHAPE = Shape.of(3, 8, 8);

  @TempDir Path folder;

  /** A picture whose pixel (y, x) has red 10·y, green 10·x and blue 7. */
  private static BufferedImage ramp(int height, int width) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, ((10 * y) << 16) | ((10 * x) << 8) | 7);
      }
    }
    return image;
  }

  private static byte[] encoded(BufferedImage image, String format) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThat(ImageIO.write(image, format, out)).isTrue();
    return out.toByteArray();
  }

  private void put(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  private DataSource open(Split split) throws IOException {
    return DataSources.open("imagefolder:" + folder, split, HadoopSettings.defaults());
  }

  private static RecordBlock block(DataSource source) throws IOException {
    try (BlockReader reader = source.read(0, source.examples(), source.examples())) {
      return reader.next();
    }
  }

  private static Canvas decoded(byte[] bytes, int channels) throws DataException {
    Canvas canvas = new Canvas(channels, false);
    new PictureDecoder().decode("x", bytes, 0, bytes.length, canvas);
    return canvas;
  }

  @Test
  void foldersAreClassesAndFilesComeInTheOrderOfTheirNames() throws IOException {
    byte[] png = encoded(ramp(9, 12), "png");
    put("dog/b.png", png);
    put("dog/a.JPG", encoded(ramp(9, 12), "jpg"));
    put("cat/z.jpeg", encoded(ramp(9, 12), "jpg"));
    put("cat/notes.txt", new byte[] {1});
    put("cat/.hidden.png", png);
    DataSource source = open(Split.TRAIN);

    assertThat(source.classes()).containsExactly("cat", "dog");
    assertThat(source.examples()).isEqualTo(3);
    assertThat(source.shape()).isEqualTo(Shape.of(3, 224, 224));
    assertThat(source.sized(SHAPE).shape()).isEqualTo(SHAPE);
    assertThatThrownBy(() -> source.sized(Shape.of(2, 8, 8))).hasMessageContaining("data.image");
    RecordBlock block = block(source);
    assertThat(block.labels()).containsExactly(0, 1, 1);
    assertThat(PictureFile.name(block, 1)).endsWith("dog/a.JPG");
    assertThat(Arrays.copyOfRange(block.bytes(), PictureFile.begin(block, 2), block.offsets()[3]))
        .isEqualTo(png);
    assertThatThrownBy(() -> open(Split.VALIDATION))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("data.validation=0.2");
  }

  @Test
  void aTestSplitHasTheClassesOfTheTrainingSet() throws IOException {
    byte[] png = encoded(ramp(3, 3), "png");
    put("train/a/1.png", png);
    put("train/b/1.png", png);
    put("val/b/1.png", png);
    assertThat(open(Split.TRAIN).examples()).isEqualTo(2);
    DataSource validation = open(Split.VALIDATION);
    assertThat(validation.classes()).containsExactly("a", "b");
    assertThat(block(validation).labels()).containsExactly(1);
    put("val/c/1.png", png);
    assertThatThrownBy(() -> open(Split.VALIDATION))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("val/c is no class");
  }

  @Test
  void foldersWithoutPicturesAreRefused() throws IOException {
    assertThatThrownBy(() -> open(Split.TRAIN)).hasMessageContaining("has no folders");
    put("a/readme.txt", new byte[1]);
    assertThatThrownBy(() -> open(Split.TRAIN)).hasMessageContaining("none in its folders");
    assertThatThrownBy(
            () ->
                DataSources.open(
                    "imagefolder:" + folder + "/none", Split.TRAIN, HadoopSettings.defaults()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("there is none at");
  }

  @Test
  void samplesAreTakenAsTheyAreStored() throws IOException {
    Canvas color = decoded(encoded(ramp(5, 4), "png"), 3);
    assertThat(color.height()).isEqualTo(5);
    assertThat(color.width()).isEqualTo(4);
    for (int y = 0; y < 5; y++) {
      for (int x = 0; x < 4; x++) {
        assertThat(color.values()[y * 4 + x]).isEqualTo(10 * y);
        assertThat(color.values()[20 + y * 4 + x]).isEqualTo(10 * x);
        assertThat(color.values()[40 + y * 4 + x]).isEqualTo(7);
      }
    }
    Canvas luma = decoded(encoded(ramp(5, 4), "png"), 1);
    assertThat(luma.values()[4 * 4 + 3]).isEqualTo(0.299f * 40 + 0.587f * 30 + 0.114f * 7);

    BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
    grey.getRaster().setSample(1, 0, 0, 100);
    for (String format : new String[] {"png", "jpg"}) {
      assertThat(decoded(encoded(grey, format), 1).values()[1]).isBetween(99f, 101f);
      assertThat(decoded(encoded(grey, format), 3).values()[5]).isBetween(99f, 101f);
    }

    BufferedImage deep = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
    deep.getRaster().setSample(0, 0, 0, 257 * 90);
    assertThat(decoded(encoded(deep, "png"), 3).values()[2]).isEqualTo(90f);

    BufferedImage alpha = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
    alpha.setRGB(0, 0, 0x30_40_50_60);
    assertThat(Arrays.copyOf(decoded(encoded(alpha, "png"), 3).values(), 3))
        .containsExactly(0x40, 0x50, 0x60);

    IndexColorModel palette =
        new IndexColorModel(1, 2, new byte[] {1, 2}, new byte[] {3, 4}, new byte[] {5, 6});
    BufferedImage indexed = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_BINARY, palette);
    indexed.getRaster().setSample(0, 0, 0, 1);
    assertThat(Arrays.copyOf(decoded(encoded(indexed, "png"), 3).values(), 3))
        .containsExactly(2, 4, 6);
  }

  /** Four channels without an Adobe marker are CMYK: no ink is white. */
  @Test
  void fourChannelsBecomeColor() throws IOException {
    WritableRaster raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, 4, null);
    for (int y = 0; y < 8; y++) {
      for (int x = 0; x < 8; x++) {
        raster.setPixel(x, y, new int[] {255, 0, 0, 51}); // cyan, a fifth black
      }
    }
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (MemoryCacheImageOutputStream stream = new MemoryCacheImageOutputStream(out)) {
      writer.setOutput(stream);
      writer.write(new IIOImage(raster, null, null));
    }
    Canvas canvas = decoded(out.toByteArray(), 3);
    assertThat(canvas.values()[0]).isBetween(0f, 4f);
    assertThat(canvas.values()[64]).isBetween(200f, 208f);
    assertThat(canvas.values()[128]).isBetween(200f, 208f);
  }

  @Test
  void evaluationsTakeTheMiddleAndTrainingsTakeParts() throws IOException {
    put("a/1.png", encoded(ramp(16, 24), "png"));
    DataSource source = open(Split.TRAIN).sized(SHAPE);
    RecordBlock block = block(source);
    Decoder decoder = new Decoder(source.format(), new float[] {1, 1, 1}, new float[] {0, 0, 0.5f});
    ActivationLayout layout = ActivationLayout.dense(SHAPE);
    Batch batch = decoder.newBatch(layout, 1);
    batch.reset(1, 1);
    decoder.reader(KERNELS, layout).read(block, 0, RecordReader.UNCHANGED, batch, 0);
    // The shorter side becomes 9 pixels, of which the first eight are kept; 14 of 24 the other.
    float top = batch.inputs()[layout.index(0, 0, 3)];
    float bottom = batch.inputs()[layout.index(0, 7, 3)];
    assertThat(top).isBetween(0f, 10f);
    assertThat(bottom - top).isBetween(10 * 7 * 16f / 9 - 9, 10 * 7 * 16f / 9 + 9);
    float middle =
        (batch.inputs()[layout.index(1, 3, 3)] + batch.inputs()[layout.index(1, 3, 4)]) / 2;
    assertThat(middle).isBetween(107f, 123f);
    assertThat(batch.inputs()[layout.index(2, 3, 3)]).isEqualTo(7.5f);

    float[] before = batch.inputs().clone();
    RecordReader training =
        decoder.augmented(Augmentation.parse("resized-crop:0.2 flip"), 1).reader(KERNELS, layout);
    training.read(block, 0, 0, batch, 0);
    float[] first = batch.inputs().clone();
    training.read(block, 0, 1, batch, 0);
    assertThat(batch.inputs()).isNotEqualTo(first).isNotEqualTo(before);
    training.read(block, 0, 0, batch, 0);
    assertThat(batch.inputs()).isEqualTo(first);
    training.read(block, 0, RecordReader.UNCHANGED, batch, 0);
    assertThat(batch.inputs()).isEqualTo(before);
  }

  /** Four bytes a pixel as the JDK has it, and two canvases of floats. */
  @Test
  void theLargestFileTellsWhatDecodingTakes() throws IOException {
    put("a/1.png", encoded(ramp(3, 4), "png"));
    put("b/1.png", encoded(ramp(20, 25), "png"));
    DataSource source = open(Split.TRAIN).sized(SHAPE);
    assertThat(source.decodingBytes()).isEqualTo(500 * (4 + 2 * 3 * 4));
    assertThat(Subset.validation(source, 0.5).decodingBytes()).isEqualTo(source.decodingBytes());
    put("b/2.png", new byte[100_000]);
    assertThat(open(Split.TRAIN).decodingBytes()).isZero();
  }

  @Test
  void sumsAreThoseOfTheStoredPixels() throws IOException {
    put("a/1.png", encoded(ramp(3, 4), "png"));
    put("b/1.png", encoded(ramp(2, 2), "png"));
    DataSource source = open(Split.TRAIN);
    ChannelSums sums = source.format().sums(block(source));
    assertThat(sums.counts()).containsExactly(16, 16, 16);
    assertThat(sums.sums()).containsExactly(4 * 30 + 20, 3 * 60 + 20, 16 * 7);
    assertThat(sums.squares()[2]).isEqualTo(16 * 49);
  }

  private void refused(byte[] bytes, String message) throws IOException {
    put("a/bad.png", bytes);
    RecordBlock block = block(open(Split.TRAIN));
    assertThatThrownBy(() -> new PictureRecords(SHAPE).sums(block))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a/bad.png")
        .hasMessageContaining(message);
  }

  @Test
  void brokenPicturesAreNamed() throws IOException {
    byte[] png = encoded(ramp(30, 30), "png");
    byte[] jpg = encoded(ramp(200, 200), "jpg");
    refused(new byte[0], "must be a JPEG or PNG");
    refused("GIF89a".getBytes(java.nio.charset.StandardCharsets.US_ASCII), "JPEG or PNG");
    refused(Arrays.copyOf(png, 30), "cannot be decoded");
    refused(Arrays.copyOf(png, png.length / 2), "cannot be decoded");
    refused(Arrays.copyOf(jpg, 400), "cannot be decoded");
    refused(Arrays.copyOf(jpg, jpg.length / 2), "cut off");
  }

  /** Refused by its header, before memory is taken. */
  @Test
  void aHeaderThatPromisesTooMuchIsNotBelieved() throws IOException {
    refused(withSize(1 << 30, 1 << 30), "must have 1 to");
    refused(withSize(5000, 5000), "decompression bomb");
    refused(withSize(0, 5), "");
  }

  private static byte[] withSize(int height, int width) throws IOException {
    byte[] png = encoded(ramp(3, 3), "png");
    ByteBuffer buffer = ByteBuffer.wrap(png);
    buffer.putInt(16, width).putInt(20, height);
    CRC32 crc = new CRC32();
    crc.update(png, 12, 17);
    buffer.putInt(29, (int) crc.getValue());
    return png;
  }

  @Test
  void randomDamageOnlyEverRaisesOurErrors() throws IOException {
    long seed = Long.getLong("tests.seed", System.nanoTime());
    Random random = new Random(seed);
    byte[][] good = {encoded(ramp(40, 30), "png"), encoded(ramp(40, 30), "jpg")};
    for (int round = 0; round < 400; round++) {
      byte[] damaged = DamagedBytes.of(good[round % 2], 200, random);
      try {
        assertThat(decoded(damaged, 3).pixels()).isPositive();
      } catch (DataException e) {
        assertThat(e).hasMessageStartingWith("x ");
      } catch (RuntimeException | Error e) {
        throw new AssertionError("-Dtests.seed=%d round %d".formatted(seed, round), e);
      }
    }
  }

  @Test
  void realPhotosAreDecoded() throws IOException {
    String data = System.getProperty("backdraft.data.dir");
    assumeTrue(
        data != null && Files.isDirectory(Path.of(data, "photos")),
        "no photos/ folder; give its parent by -Dbackdraft.data.dir");
    DataSource source =
        DataSources.open("imagefolder:" + data + "/photos", Split.TRAIN, HadoopSettings.defaults())
            .sized(Shape.of(3, 64, 64));
    Decoder decoder =
        Normalization.parse("0.485,0.456,0.406:0.229,0.224,0.225")
            .decoder(source.format(), () -> null);
    ActivationLayout layout = ActivationLayout.dense(source.shape());
    Batch batch = decoder.newBatch(layout, 1);
    batch.reset(1, 1);
    RecordReader reader = decoder.reader(KERNELS, layout);
    try (BlockReader blocks = source.read(0, 12, 5)) {
      for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
        for (int record = 0; record < block.size(); record++) {
          reader.read(block, record, RecordReader.UNCHANGED, batch, 0);
          float least = Float.MAX_VALUE;
          float most = -Float.MAX_VALUE;
          for (float value : batch.inputs()) {
            least = Math.min(least, value);
            most = Math.max(most, value);
          }
          assertThat(least).isBetween(-2.2f, 0f);
          assertThat(most).isBetween(0.5f, 2.7f);
        }
      }
    }
  }
}
