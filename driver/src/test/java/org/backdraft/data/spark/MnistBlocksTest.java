package org.backdraft.data.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.BlockReader;
import org.backdraft.data.BlockStore;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.Decoder;
import org.backdraft.data.EpochOrder;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.Normalization;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.Split;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The real MNIST files, in hundreds of blocks. */
class MnistBlocksTest {
  private static final int EXAMPLES_PER_BLOCK = 200;
  private static final int GLOBAL_BATCH = 64;

  private static Path folder;

  @BeforeAll
  static void findData() {
    String data = System.getProperty("backdraft.data.dir", "");
    assumeTrue(!data.isBlank(), "needs -Dbackdraft.data.dir, a folder with mnist/");
    folder = Path.of(data, "mnist").toAbsolutePath();
    assumeTrue(Files.isDirectory(folder), "there is no folder " + folder);
  }

  @Test
  void mnistArrivesThroughSparkInHundredsOfBlocks() throws Exception {
    try (JavaSparkContext sc = LocalSpark.context("local[2]")) {
      HadoopSettings settings = HadoopSettings.of(sc.hadoopConfiguration());
      DataSource train = DataSources.open("idx:" + folder, Split.TRAIN, settings);
      assertThat(train.examples()).isEqualTo(60_000);
      assertThat(train.classes()).hasSize(10);
      assertThat(DataSources.open("idx:" + folder, Split.VALIDATION, settings).examples())
          .isEqualTo(10_000);
      BlockPlan plan = BlockPlan.of(train, EXAMPLES_PER_BLOCK * 784L);
      assertThat(plan.blocks()).isEqualTo(300);
      CachedBlocks cached = CachedBlocks.cache(sc, train, plan);
      // What everybody who trains on MNIST writes: 0.1307 and 0.3081.
      Decoder decoder =
          Normalization.parse("standard")
              .decoder(
                  train.shape(),
                  () -> {
                    ChannelSums sums = cached.channelSums(sc);
                    assertThat(sums.counts()[0]).isEqualTo(47_040_000L);
                    assertThat(sums.sums()[0] / 255.0 / sums.counts()[0]).isBetween(0.1306, 0.1308);
                    return sums;
                  });
      assertThat(1 / (255 * decoder.scale()[0])).isBetween(0.3080f, 0.3082f);
      try (BlockStore store = cached.open(1 << 20)) {
        assertThat(hash(store, plan)).isEqualTo(hash(train, plan));
        visitAnEpoch(store, plan, decoder);
      }
      cached.unpersist(sc);
    }
  }

  private static void visitAnEpoch(BlockStore store, BlockPlan plan, Decoder decoder)
      throws Exception {
    int[] visits = new int[plan.examples()];
    int[] order = EpochOrder.of(1, 0, plan.examples(), false);
    Leaves leaves = Leaves.defaultFor(GLOBAL_BATCH);
    ActivationLayout layout = ActivationLayout.dense(decoder.shape());
    for (int rank = 0; rank < 2; rank++) {
      try (BatchLoader loader =
          new BatchLoader(
              store, plan, decoder, KernelLookup.choose().kernels(), layout, GLOBAL_BATCH)) {
        loader.startEpoch(0, order, GLOBAL_BATCH, leaves, leaves.rangeOf(rank, 2), 0);
        for (Batch batch = loader.next(Duration.ofSeconds(60));
            batch != null;
            batch = loader.next(Duration.ofSeconds(60))) {
          for (int i = 0; i < batch.size(); i++) {
            visits[(int) batch.exampleIds()[i]]++;
          }
          loader.release(batch);
        }
      }
    }
    assertThat(visits).containsOnly(1);
  }

  private static String hash(BlockStore store, BlockPlan plan) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    for (int i = 0; i < plan.blocks(); i++) {
      digest.update(store.block(i).bytes());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String hash(DataSource source, BlockPlan plan) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    try (BlockReader reader = source.read(0, source.examples(), plan.examplesPerBlock())) {
      for (RecordBlock block = reader.next(); block != null; block = reader.next()) {
        digest.update(block.bytes());
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }
}
