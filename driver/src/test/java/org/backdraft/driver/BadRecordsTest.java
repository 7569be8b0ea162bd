package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;
import org.backdraft.data.BadRecords;
import org.backdraft.data.DataException;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sets with files and lines that cannot be read: refused, or as if they did not have them. */
@Timeout(60)
class BadRecordsTest {
  private static final TrainingListener SILENT = new TrainingListener() {};
  private static final int PICTURES = 20; // of each of two classes

  @TempDir Path folder;

  private static TrainingConfig config(String uri, int workers, String rule, int most) {
    return Configs.with(
        TestConfigs.small(workers, 1, 2, 0.05f),
        "data.train",
        uri,
        "data.validation",
        0.2,
        "data.batch",
        8,
        "train.leaves",
        4,
        "data.bad-records.name",
        rule,
        "data.bad-records.most",
        most,
        "data.bad-records.share",
        0.25);
  }

  private static TrainingConfig images(String uri, int workers, String rule, int most) {
    return Configs.with(config(uri, workers, rule, most), "data.image", "1x16x16");
  }

  private static TrainingReport train(TrainingConfig config) throws IOException {
    return new TrainingJob(
            config, TestNets::plain, ThreadCluster.provider(ThreadCluster.WORKER), SILENT)
        .run();
  }

  private static byte[] picture(int seed, String format) throws IOException {
    BufferedImage image = new BufferedImage(24, 20, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 20; y++) {
      for (int x = 0; x < 24; x++) {
        image.getRaster().setSample(x, y, 0, (x * 7 + y * 13 + seed * 31) % 256);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, format, bytes);
    return bytes.toByteArray();
  }

  /** Pictures of two classes, of which those of {@code bad} are spoiled in turn, or not there. */
  private Path pictures(String name, List<Integer> bad, boolean isThere) throws IOException {
    Path root = folder.resolve(name);
    for (int i = 0; i < 2 * PICTURES; i++) {
      boolean isJpeg = i % 2 == 0;
      byte[] bytes = picture(i, isJpeg ? "jpeg" : "png");
      int number = bad.indexOf(i);
      if (number >= 0 && !isThere) {
        continue;
      }
      if (number >= 0) {
        bytes =
            switch (number % 3) {
              case 0 -> Arrays.copyOf(bytes, bytes.length / 2);
              case 1 -> new byte[0];
              default -> "this is no picture".getBytes(StandardCharsets.UTF_8);
            };
      }
      Path file =
          root.resolve(i < PICTURES ? "a" : "b")
              .resolve("%02d.%s".formatted(i, isJpeg ? "jpg" : "png"));
      Files.createDirectories(file.getParent());
      Files.write(file, bytes);
    }
    return root;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRunIsThatOfASetWithoutTheBrokenPictures(int workers) throws IOException {
    List<Integer> bad = List.of(0, 7, 19, 20, 39);
    TrainingReport clean =
        train(images("imagefolder:" + pictures("clean", bad, false), 1, "fail", 1));
    TrainingReport report =
        train(images("imagefolder:" + pictures("spoiled", bad, true), workers, "skip", 5));

    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(clean.validationLoss());
    BadRecords leftOut = report.health().badRecords();
    assertThat(leftOut.count()).isEqualTo(5);
    assertThat(leftOut.kinds())
        .extracting(each -> each.file().substring(each.file().lastIndexOf('/') + 1))
        .containsExactly("00.jpg", "07.png", "19.png", "20.jpg", "39.png");
    assertThat(leftOut.kinds().get(0).cause()).isEqualTo("cannot be decoded");
    assertThat(leftOut.kinds().get(1).cause()).isEqualTo("must be a JPEG or PNG");
    assertThat(clean.health().badRecords()).isEqualTo(BadRecords.NONE);
  }

  private TrainingJob saved(TrainingConfig config, TrainingListener listener, boolean isResumed) {
    return new TrainingJob(
            TestConfigs.recovering(config, "1 steps, 1 epochs", 0),
            TestNets::plain,
            ThreadCluster.provider(ThreadCluster.WORKER),
            listener)
        .checkpointingIn(
            new CheckpointPlace(
                folder.resolve("run/checkpoints").toString(),
                isResumed,
                (network, normalize) -> Map.of()));
  }

  /** Ends a run, with a checkpoint behind it, as a killed driver does. */
  private void trainInVain(TrainingConfig config) {
    TrainingListener end =
        new TrainingListener() {
          @Override
          public void onStep(Step told) {
            if (told.epoch() == 1 && told.step() % 2 == 0) {
              throw new IllegalStateException("the driver stops");
            }
          }
        };
    assertThatThrownBy(saved(config, end, false)::run).hasMessageContaining("the driver stops");
  }

  @Test
  void aRunThatIsResumedLeavesTheSamePicturesOut() throws IOException {
    List<Integer> bad = List.of(0, 7, 19, 20, 39);
    TrainingConfig c = images("imagefolder:" + pictures("spoiled", bad, true), 2, "skip", 5);
    trainInVain(c);
    TrainingReport report = saved(Configs.with(c, "train.workers", 1), SILENT, true).run();

    assertThat(report.weightsSha256()).isEqualTo(train(c).weightsSha256());
    assertThat(report.health().badRecords().count()).isEqualTo(5);
  }

  @Test
  void aRunIsNotResumedWithOtherPictures() throws IOException {
    Path root = pictures("spoiled", List.of(0, 7), true);
    TrainingConfig c = images("imagefolder:" + root, 2, "skip", 5);
    trainInVain(c);

    Files.write(root.resolve("a/07.png"), picture(7, "png"));
    assertThatThrownBy(saved(c, SILENT, true)::run)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("The training set must be the one that")
        .hasMessageContaining("2 records that cannot be read, now it has")
        .hasMessageContaining("1 records that cannot be read")
        .hasMessageContaining("--init-weights");
    Files.write(root.resolve("a/08.jpg"), new byte[0]);
    assertThatThrownBy(saved(c, SILENT, true)::run)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("2 records that cannot be read, others.");
    Files.write(root.resolve("a/07.png"), "this is no picture".getBytes(StandardCharsets.UTF_8));
    Files.write(root.resolve("a/08.jpg"), picture(8, "jpeg"));
    assertThat(saved(c, SILENT, true).run().health().badRecords().count()).isEqualTo(2);
  }

  @Test
  void brokenPicturesAreRefusedUnlessTheyMayBeLeftOut() throws IOException {
    Path root = pictures("spoiled", List.of(4), true);
    assertThatThrownBy(() -> train(images("imagefolder:" + root, 2, "fail", 9)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("04.jpg cannot be decoded");
  }

  @Test
  void noMoreAreLeftOutThanMayBe() throws IOException {
    Path root = pictures("spoiled", List.of(1, 2, 3), true);
    assertThatThrownBy(() -> train(images("imagefolder:" + root, 1, "skip", 2)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("At most 2 records of imagefolder:")
        .hasMessageContaining("3 of 40 cannot be read. First: ")
        .hasMessageContaining("01.png");
    TrainingConfig few =
        Configs.with(images("imagefolder:" + root, 1, "skip", 9), "data.bad-records.share", 0.05);
    assertThatThrownBy(() -> train(few))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("at most 0.05 of all");
  }

  /** Pictures with masks, of which pictures of {@code bad} are spoiled, or not there. */
  private String masked(String name, List<Integer> bad, boolean isThere) throws IOException {
    Path root = folder.resolve(name);
    Files.createDirectories(root.resolve("image"));
    Files.createDirectories(root.resolve("label"));
    for (int i = 0; i < 16; i++) {
      int number = bad.indexOf(i);
      if (number >= 0 && !isThere) {
        continue;
      }
      byte[] image = picture(i, "png");
      byte[] mask = mask(i);
      switch (number) {
        case 0 -> image = Arrays.copyOf(image, image.length / 2); // of a size that can be read
        case 1 -> image = "this is no picture".getBytes(StandardCharsets.UTF_8);
        case 2 -> mask = Arrays.copyOf(mask, mask.length / 2);
        case 3 -> mask = picture(i, "png"); // values that are no classes
        default -> {}
      }
      Files.write(root.resolve("image").resolve("%02d.png".formatted(i)), image);
      Files.write(root.resolve("label").resolve("%02d.png".formatted(i)), mask);
    }
    return "segmentation:" + root;
  }

  private static byte[] mask(int seed) throws IOException {
    BufferedImage image = new BufferedImage(24, 20, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < 20; y++) {
      for (int x = 0; x < 24; x++) {
        boolean isForeground = (x * 7 + y * 13 + seed * 31) % 256 > 127;
        image.getRaster().setSample(x, y, 0, isForeground ? 255 : 0);
      }
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  private static TrainingConfig segments(String uri, int workers, String rule, int most) {
    return Configs.with(
        images(uri, workers, rule, most),
        "data.augment",
        "crop",
        "data.batch",
        4,
        "data.bad-records.share",
        0.5);
  }

  private static TrainingReport trainSegments(TrainingConfig config) throws IOException {
    return new TrainingJob(
            config,
            (input, classes) ->
                Network.named("pixels", input)
                    .add("conv1", Conv2d.of(4, 3).padding(1))
                    .add("relu1", Activation.relu())
                    .add("conv2", Conv2d.of(classes, 1))
                    .build(),
            ThreadCluster.provider(ThreadCluster.WORKER),
            SILENT)
        .run();
  }

  /** Broken pictures and broken masks alike, of tiles in evaluation and parts in training. */
  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void aRunIsThatOfASetWithoutTheBrokenPicturesAndMasks(int workers) throws IOException {
    List<Integer> bad = List.of(0, 6, 9, 15);
    TrainingReport clean = trainSegments(segments(masked("clean", bad, false), 1, "fail", 1));
    TrainingConfig spoiled = segments(masked("spoiled", bad, true), workers, "skip", 4);
    TrainingReport report = trainSegments(spoiled);

    assertThat(report.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(report.validationLoss()).isEqualTo(clean.validationLoss());
    BadRecords leftOut = report.health().badRecords();
    assertThat(leftOut.count()).isEqualTo(4);
    assertThat(leftOut.kinds())
        .extracting(each -> each.file().substring(each.file().lastIndexOf('/') + 1))
        .containsExactlyInAnyOrder("00.png", "06.png", "09.png", "15.png");
    assertThatThrownBy(() -> trainSegments(Configs.with(spoiled, "data.bad-records.name", "fail")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("06.png must be a JPEG or PNG");
    assertThatThrownBy(() -> trainSegments(Configs.with(spoiled, "data.bad-records.most", 3)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("At most 3 records of segmentation:")
        .hasMessageContaining("4 of 16 cannot be read");
  }

  private String lines(String name, List<String> bad) throws IOException {
    List<String> lines = new ArrayList<>(List.of("x,y,kind"));
    for (int i = 0; i < 60; i++) {
      lines.add("%d.5,%d,%s".formatted(i % 9, (i * 7) % 11, i % 2 == 0 ? "even" : "odd"));
      if (i % 10 == 3 && i / 10 < bad.size()) {
        lines.add(bad.get(i / 10));
      }
    }
    Path file = folder.resolve(name);
    Files.write(file, lines);
    return "csv:" + file;
  }

  @ParameterizedTest
  @CsvSource({"1, 40", "2, 1000000"})
  void aRunIsThatOfATableWithoutTheBrokenLines(int workers, long blockBytes) throws IOException {
    List<String> bad = List.of("1,2", "1,x,even", "NaN,1,odd", "1,\"2,odd", "1,2");
    TrainingConfig clean = points(config(lines("clean.csv", List.of()), 1, "fail", 1));
    TrainingConfig spoiled =
        points(
            Configs.with(
                config(lines("spoiled.csv", bad), workers, "skip", 5),
                "data.block-bytes",
                blockBytes));
    TrainingReport report = trainPoints(spoiled);

    assertThat(report.weightsSha256()).isEqualTo(trainPoints(clean).weightsSha256());
    BadRecords leftOut = report.health().badRecords();
    assertThat(leftOut.count()).isEqualTo(5);
    assertThat(leftOut.kinds())
        .extracting(each -> each.cause() + " " + each.count())
        .containsExactly(
            "must have 3 cells 2",
            "must have a finite number in column 2 1",
            "must have a finite number in column 1 1",
            "must close its quotes. 1");
    assertThat(leftOut.kinds().get(0).first()).contains("line 6 must have 3 cells: it has 2");
    assertThatThrownBy(() -> trainPoints(Configs.with(spoiled, "data.bad-records.name", "fail")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 6 must have 3 cells");
  }

  private static TrainingConfig points(TrainingConfig config) {
    return Configs.with(config, "data.normalize", "standard");
  }

  private static TrainingReport trainPoints(TrainingConfig config) throws IOException {
    return new TrainingJob(
            config,
            (input, classes) -> Network.named("line", input).add("fc", Linear.of(classes)).build(),
            ThreadCluster.provider(ThreadCluster.WORKER),
            SILENT)
        .run();
  }
}
