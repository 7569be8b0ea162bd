package org.backdraft.data.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockReader;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.IdxFiles;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.Split;
import org.backdraft.data.Subset;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CachedBlocksTest {
  private static JavaSparkContext sc;

  @TempDir static Path folder;

  @BeforeAll
  static void start() {
    sc = LocalSpark.context("local[2]");
    for (String format : List.of("plain", "gzip", "colour")) {
      Path dir = folder.resolve(format);
      assertThat(dir.toFile().mkdir()).isTrue();
      String end = format.equals("gzip") ? ".gz" : "";
      if (format.equals("colour")) {
        IdxFiles.write(dir, "train-images-idx4-ubyte", IdxFiles.images(1, 61, 3, 5, 4));
      } else {
        IdxFiles.write(dir, "train-images-idx3-ubyte" + end, IdxFiles.images(1, 61, 5, 4));
      }
      IdxFiles.write(dir, "train-labels-idx1-ubyte" + end, IdxFiles.labels(61, 10));
    }
  }

  @AfterAll
  static void stop() {
    sc.stop();
  }

  private static DataSource open(String format) throws IOException {
    HadoopSettings settings = HadoopSettings.of(sc.hadoopConfiguration());
    return switch (format) {
      case "digits" -> DataSources.open("digits:train=61", Split.TRAIN, settings);
      case "part" -> Subset.training(open("gzip"), 0.2);
      default -> DataSources.open("idx:" + folder.resolve(format), Split.TRAIN, settings);
    };
  }

  @ParameterizedTest
  @ValueSource(strings = {"digits", "plain", "gzip", "colour", "part"})
  void everyRecordArrivesUnchanged(String format) throws IOException {
    DataSource source = open(format);
    BlockPlan plan = BlockPlan.of(source, 7L * source.bytesPerExample());
    CachedBlocks cached = CachedBlocks.cache(sc, source, plan);
    assertThat(cached.holders()).hasSize(plan.blocks()).allMatch(holder -> holder.isPresent());
    try (SparkBlockStore store = (SparkBlockStore) cached.open(1 << 20);
        BlockReader reader = source.read(0, source.examples(), plan.examplesPerBlock())) {
      for (int i = 0; i < plan.blocks(); i++) {
        assertSame(store.block(i), reader.next());
      }
      assertThat(reader.next()).isNull();
      assertThat(store.localBlocks()).isEqualTo(plan.blocks());
      assertThat(store.rereadBlocks()).isZero();
    }
    ChannelSums sums = cached.channelSums(sc);
    assertThat(sums.counts()).hasSize(source.shape().dim(0));
    assertThat(sums.counts()[0])
        .isEqualTo((long) source.examples() * source.shape().dim(1) * source.shape().dim(2));
    cached.unpersist(sc);
  }

  @Test
  void blocksCanBeTakenWithoutATaskAndDroppedAfterwards() throws Exception {
    DataSource source = open("digits");
    BlockPlan plan = BlockPlan.of(source, 7L * source.bytesPerExample());
    CachedBlocks cached = CachedBlocks.cache(sc, source, plan);
    ExecutorService threads = Executors.newFixedThreadPool(2, new NamedThreadFactory("test"));
    try (BlockStore store = cached.open(0)) {
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < plan.blocks(); i++) {
          int index = i;
          RecordBlock block = threads.submit(() -> store.block(index)).get(30, TimeUnit.SECONDS);
          assertThat(block.firstExample()).isEqualTo(plan.begin(index));
        }
      }
    } finally {
      threads.shutdownNow();
    }
    // A block whose read lock was not given back could not be removed: this would not return.
    threads = Executors.newFixedThreadPool(1, new NamedThreadFactory("test"));
    try {
      threads
          .submit(() -> SparkEnv.get().blockManager().master().removeRdd(cached.rddId(), true))
          .get(30, TimeUnit.SECONDS);
    } finally {
      threads.shutdownNow();
    }
    assertThat(cached.holders()).allMatch(holder -> holder.isEmpty());
    try (SparkBlockStore store = (SparkBlockStore) cached.open(1 << 20)) {
      assertThat(store.block(3).firstExample()).isEqualTo(21);
      assertThat(store.rereadBlocks()).isEqualTo(1);
      cached.refill(sc);
      assertThat(store.block(4).firstExample()).isEqualTo(28);
      assertThat(store.rereadBlocks()).isEqualTo(1);
    }
    cached.unpersist(sc);
  }

  @Test
  void blocksThatAreAtHandAreNotFetchedAgain() throws IOException {
    DataSource source = open("digits");
    BlockPlan plan = BlockPlan.of(source, 7L * source.bytesPerExample());
    CachedBlocks cached = CachedBlocks.cache(sc, source, plan);
    try (SparkBlockStore store = (SparkBlockStore) cached.open(1 << 20)) {
      RecordBlock first = store.block(0);
      assertThat(store.block(0)).isSameAs(first);
      assertThat(store.localBlocks()).isEqualTo(1);
    }
    cached.unpersist(sc);
  }

  @Test
  void aFileThatAWorkerCannotReadIsReportedWithItsHost() throws IOException {
    Path dir = Files.createDirectory(folder.resolve("vanishing"));
    IdxFiles.write(dir, "train-images-idx3-ubyte", IdxFiles.images(1, 61, 5, 4));
    IdxFiles.write(dir, "train-labels-idx1-ubyte", IdxFiles.labels(61, 10));
    DataSource source = open("vanishing");
    Files.delete(dir.resolve("train-images-idx3-ubyte"));
    assertThatThrownBy(() -> CachedBlocks.cache(sc, source, BlockPlan.of(source, 100)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("On host ")
        .hasMessageContaining("train-images-idx3-ubyte")
        .hasMessageContaining("must be readable on every worker");
  }

  @Test
  void aCompressedFileThatIsCutOffDoesNotTrain() throws IOException {
    Path dir = Files.createDirectory(folder.resolve("cut"));
    byte[] whole = IdxFiles.gzip(IdxFiles.images(1, 61, 5, 4));
    Files.write(
        dir.resolve("train-images-idx3-ubyte.gz"), Arrays.copyOf(whole, whole.length - 100));
    IdxFiles.write(dir, "train-labels-idx1-ubyte", IdxFiles.labels(61, 10));
    DataSource source = open("cut");
    assertThatThrownBy(() -> CachedBlocks.cache(sc, source, BlockPlan.of(source, 100)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("On host ")
        .hasMessageContaining("train-images-idx3-ubyte.gz is cut off at item 5");
  }

  static void assertSame(RecordBlock got, RecordBlock wanted) {
    assertThat(got.firstExample()).isEqualTo(wanted.firstExample());
    assertThat(got.labels()).isEqualTo(wanted.labels());
    assertThat(got.offsets()).isEqualTo(wanted.offsets());
    assertThat(got.bytes()).isEqualTo(wanted.bytes());
  }
}
