package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.backdraft.image.Augmentation;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SegmentationSourceTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final Shape SHAPE = Shape.of(1, 16, 16);
  private static final int HEIGHT = 24;
  private static final int WIDTH = 40;

  @TempDir Path folder;

  /** A picture whose bright pixels are those of class 1: the mask is known from the picture. */
  private void put(String name, int seed) throws IOException {
    BufferedImage picture = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    BufferedImage mask = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean isBright = (x * 7 + y * 13 + seed) % 5 < 2;
        picture.getRaster().setSample(x, y, 0, (isBright ? 200 : 50) + (x + y) % 40);
        mask.getRaster().setSample(x, y, 0, isBright ? 255 : 0);
      }
    }
    Files.createDirectories(folder.resolve("image"));
    Files.createDirectories(folder.resolve("label"));
    ImageIO.write(picture, "png", folder.resolve("image").resolve(name).toFile());
    ImageIO.write(mask, "png", folder.resolve("label").resolve(name).toFile());
  }

  @BeforeEach
  void putPictures() throws IOException {
    for (int i = 0; i < 5; i++) {
      put(i + ".png", i);
    }
  }

  private DataSource open() throws IOException {
    return DataSources.open("segmentation:" + folder, Split.TRAIN, HadoopSettings.defaults())
        .sized(SHAPE);
  }

  private static RecordBlock block(DataSource source) throws IOException {
    try (BlockReader reader = source.read(0, source.examples(), source.examples())) {
      return reader.next();
    }
  }

  @Test
  void partsOfPicturesComeWithTheirMasks() throws IOException {
    DataSource source = open();
    assertThat(source.classes()).containsExactly("background", "foreground");
    assertThat(source.examples()).isEqualTo(5);
    assertThat(source.format().labels()).isEqualTo(256);
    // A canvas of a picture and one of a part: a float and a class for each pixel.
    assertThat(source.decodingBytes()).isEqualTo((HEIGHT * WIDTH + 256) * 8);
    RecordBlock block = block(source);
    Decoder decoder =
        new Decoder(source.format(), new float[] {1}, new float[] {0})
            .augmented(Augmentation.parse("crop turn flip"), 1);
    ActivationLayout layout = ActivationLayout.dense(SHAPE);
    RecordReader reader = decoder.reader(KERNELS, layout);
    Batch batch = decoder.newBatch(layout, 2);
    batch.reset(2, 2);
    for (int epoch = RecordReader.UNCHANGED; epoch < 20; epoch++) {
      reader.read(block, 3, epoch, batch, 1);
      int bright = 0;
      for (int i = 0; i < 256; i++) {
        float value = batch.inputs()[256 + i];
        assertThat(batch.labels()[256 + i]).isEqualTo(value >= 200 ? 1 : 0);
        bright += batch.labels()[256 + i];
      }
      assertThat(bright).isBetween(80, 125);
    }
  }

  /** Tiles of 16×16 of 24×40 pixels: two rows of three, the last ones moved back. */
  @Test
  void evaluationsCountEachPixelOnce() throws IOException {
    DataSource whole = open();
    for (DataSource source : new DataSource[] {whole, Subset.validation(whole, 0.4)}) {
      DataSource tiles = source.forEvaluation();
      assertThat(tiles.examples()).isEqualTo(6 * source.examples());
      Decoder decoder = new Decoder(tiles.format(), new float[] {1}, new float[] {0});
      ActivationLayout layout = ActivationLayout.dense(SHAPE);
      RecordReader reader = decoder.reader(KERNELS, layout);
      Batch batch = decoder.newBatch(layout, 1);
      batch.reset(1, 1);
      int counted = 0;
      int read = 0;
      try (BlockReader blocks = tiles.read(0, tiles.examples(), 4)) {
        for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
          for (int record = 0; record < block.size(); record++, read++) {
            reader.read(block, record, RecordReader.UNCHANGED, batch, 0);
            for (int i = 0; i < 256; i++) {
              int label = batch.labels()[i];
              counted += label == MaskedPictures.IGNORED_LABEL ? 0 : 1;
              assertThat(label)
                  .isIn(MaskedPictures.IGNORED_LABEL, batch.inputs()[i] >= 200 ? 1 : 0);
            }
          }
        }
      }
      assertThat(read).isEqualTo(tiles.examples());
      assertThat(counted).isEqualTo(source.examples() * HEIGHT * WIDTH);
    }
  }

  @Test
  void anyRangeOfTilesIsTheSameTiles() throws IOException {
    DataSource tiles = open().forEvaluation();
    RecordBlock all = block(tiles);
    try (BlockReader reader = tiles.read(7, 20, 5)) {
      int at = 7;
      for (RecordBlock block = reader.next(); block != null; block = reader.next()) {
        assertThat(block.firstExample()).isEqualTo(at);
        for (int i = 0; i < block.size(); i++, at++) {
          assertThat(
                  java.util.Arrays.copyOfRange(
                      block.bytes(), block.offsets()[i], block.offsets()[i + 1]))
              .isEqualTo(
                  java.util.Arrays.copyOfRange(
                      all.bytes(), all.offsets()[at], all.offsets()[at + 1]));
        }
      }
      assertThat(at).isEqualTo(20);
    }
  }

  @Test
  void setsOfOneSizeAreEvaluatedAsTheyAre() throws IOException {
    DataSource digits = DataSources.open("digits:train=9", Split.TRAIN, HadoopSettings.defaults());
    assertThat(digits.forEvaluation()).isSameAs(digits);
  }

  @Test
  void whatDoesNotFitTogetherIsNamed() throws IOException {
    Files.delete(folder.resolve("label/4.png"));
    assertThatThrownBy(this::open)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("image/4.png has no 4.png in");
    put("4.png", 4);
    BufferedImage small = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
    ImageIO.write(small, "png", folder.resolve("label/4.png").toFile());
    assertThatThrownBy(() -> block(open()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("label/4.png must have the 40 x 24 pixels");
    BufferedImage odd = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    odd.getRaster().setSample(3, 2, 0, 7);
    ImageIO.write(odd, "png", folder.resolve("label/4.png").toFile());
    assertThatThrownBy(() -> block(open()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("label/4.png: pixel 3 (row 2) must be 0, 1 or 255: found 7")
        .hasMessageContaining("classes.txt");
    Files.writeString(folder.resolve("classes.txt"), "a\nb\nc\nd\ne\nf\ng\nh\n");
    assertThat(open().classes()).hasSize(8);
    assertThat(block(open()).size()).isEqualTo(5);
    Files.delete(folder.resolve("image/4.png"));
    Files.writeString(folder.resolve("image/4.png"), "no picture");
    assertThatThrownBy(this::open)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("image/4.png must be a JPEG or PNG");
  }
}
