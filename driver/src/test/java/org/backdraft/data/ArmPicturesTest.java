package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.backdraft.image.Augmentation;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

/** Pictures of an arm, and where its elbow and its hand are. */
class ArmPicturesTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final int SIDE = 32;

  private static DataSource open(String options, Split split) throws IOException {
    return DataSources.open("arms:" + options, split, HadoopSettings.defaults());
  }

  private static Decoder decoder(DataSource source, String normalize) throws IOException {
    return Normalization.parse(normalize)
        .decoder(
            source.format(),
            () -> {
              ChannelSums sums = new ChannelSums(new long[1], new long[1], new long[1]);
              try (BlockReader blocks = source.read(0, source.examples(), 7)) {
                for (RecordBlock b = blocks.next(); b != null; b = blocks.next()) {
                  sums = sums.plus(source.format().sums(b));
                }
              }
              return sums;
            });
  }

  private static Batch batch(DataSource source, String normalize) throws IOException {
    Decoder decoder = decoder(source, normalize);
    ActivationLayout layout = ActivationLayout.dense(source.shape());
    Batch batch = decoder.newBatch(layout, source.examples());
    batch.reset(source.examples(), source.examples());
    RecordReader reader = decoder.reader(KERNELS, layout);
    int at = 0;
    try (BlockReader blocks = source.read(0, source.examples(), 7)) {
      for (RecordBlock block = blocks.next(); block != null; block = blocks.next()) {
        for (int record = 0; record < block.size(); record++) {
          reader.read(block, record, 0, batch, at++);
        }
      }
    }
    return batch;
  }

  private static float pixel(Batch batch, int example, float x, float y) {
    int column = Math.min(SIDE - 1, Math.max(0, (int) ((x + 1) / 2 * SIDE)));
    int row = Math.min(SIDE - 1, Math.max(0, (int) ((y + 1) / 2 * SIDE)));
    return batch.inputs()[example * SIDE * SIDE + row * SIDE + column];
  }

  @Test
  void elbowAndHandAreBrightAndMostOfThePictureIsNot() throws IOException {
    DataSource source = open("train=60,val=20", Split.TRAIN);
    assertThat(source.shape()).isEqualTo(Shape.of(1, SIDE, SIDE));
    assertThat(source.format().targets()).isEqualTo(4);
    Batch batch = batch(source, "unit");
    for (int e = 0; e < 60; e++) {
      float[] pose = java.util.Arrays.copyOfRange(batch.targets(), 4 * e, 4 * e + 4);
      assertThat(pixel(batch, e, pose[0], pose[1])).isGreaterThan(0.6f);
      assertThat(pixel(batch, e, pose[2], pose[3])).isGreaterThan(0.6f);
      assertThat(Math.hypot(pose[0], pose[1])).isBetween(0.19, 0.46);
      int dark = 0;
      for (int i = 0; i < SIDE * SIDE; i++) {
        dark += batch.inputs()[e * SIDE * SIDE + i] < 0.2f ? 1 : 0;
      }
      assertThat(dark).isGreaterThan(SIDE * SIDE * 3 / 4);
    }
    assertThat(batch(open("train=60,val=20", Split.VALIDATION), "unit").targets()[0])
        .isNotEqualTo(batch.targets()[0]);
  }

  @Test
  void pixelsAreNormalizedAndPosesAreNot() throws IOException {
    DataSource source = open("train=50", Split.TRAIN);
    Batch standard = batch(source, "standard");
    assertThat(standard.targets()).isEqualTo(batch(source, "unit").targets());
    double sum = 0;
    double squares = 0;
    for (float each : standard.inputs()) {
      sum += each;
      squares += (double) each * each;
    }
    assertThat(sum / standard.inputs().length).isBetween(-1e-3, 1e-3);
    assertThat(squares / standard.inputs().length).isBetween(0.999, 1.001);
  }

  @Test
  void picturesWhosePosesWouldBeWrongAreNotChanged() throws IOException {
    Decoder decoder = decoder(open("train=5", Split.TRAIN), "unit");
    assertThatThrownBy(() -> decoder.augmented(Augmentation.parse("flip"), 1))
        .hasMessageContaining("data.augment");
    assertThatThrownBy(() -> decoder.mixed(new Mixing(1, 0), 1))
        .hasMessageContaining("4 numbers to predict");
    assertThatThrownBy(() -> open("sides=3", Split.TRAIN)).hasMessageContaining("'side=…'");
  }
}
