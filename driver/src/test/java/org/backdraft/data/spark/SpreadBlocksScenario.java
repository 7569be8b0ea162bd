package org.backdraft.data.spark;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.spark.api.java.JavaSparkContext;
import org.awaitility.Awaitility;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.SourceBlockStore;
import org.backdraft.data.Split;
import org.backdraft.driver.spark.bridge.PlacedRdd;
import org.backdraft.driver.spark.bridge.SparkBlocks;

/**
 * A driver with two executor JVMs: every worker must get every record unchanged, though neither
 * executor holds more than half of the blocks, also after one was killed.
 *
 * <p>Arguments: the class folders for executors, then data URIs.
 */
final class SpreadBlocksScenario {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int BLOCKS = 200;

  private SpreadBlocksScenario() {}

  public static void main(String[] arguments) throws Exception {
    try (JavaSparkContext sc =
        new JavaSparkContext(
            LocalSpark.settings("local-cluster[2,1,700]")
                .set("spark.executor.memory", "512m")
                .set("spark.executor.extraClassPath", arguments[0]))) {
      for (int i = 1; i < arguments.length; i++) {
        run(sc, arguments[i]);
      }
    }
    System.out.println("all is well");
  }

  private static void run(JavaSparkContext sc, String uri) throws Exception {
    List<String> places = awaitTwoExecutors(List.of());
    DataSource source =
        DataSources.open(uri, Split.TRAIN, HadoopSettings.of(sc.hadoopConfiguration()));
    BlockPlan plan =
        BlockPlan.of(source, (long) source.bytesPerExample() * (source.examples() / BLOCKS));
    String wanted = hash(source, plan);

    CachedBlocks cached = CachedBlocks.cache(sc, source, plan);
    checkSpread(cached);
    for (String report : readEverywhere(sc, cached, places)) {
      expect(report, wanted + " local=100 remote=100 reread=0");
    }

    killAnExecutor();
    places = awaitTwoExecutors(places);
    for (String report : readEverywhere(sc, cached, places)) {
      expect(report.substring(0, wanted.length()), wanted);
      expect(report.substring(report.indexOf("reread")), "reread=100");
    }

    cached.refill(sc);
    for (String report : readEverywhere(sc, cached, places)) {
      expect(report.substring(0, wanted.length()), wanted);
      expect(report.substring(report.indexOf("reread")), "reread=0");
    }
    cached.unpersist(sc);
    System.out.println("done: " + uri);
  }

  private static void checkSpread(CachedBlocks cached) {
    Map<String, Integer> held = new HashMap<>();
    for (Optional<String> holder : cached.holders()) {
      held.merge(holder.orElse("none"), 1, Integer::sum);
    }
    for (int blocks : held.values()) {
      if (held.size() != 2 || blocks > BLOCKS / 2) {
        throw new AssertionError("No executor may hold more than half: " + held);
      }
    }
  }

  /** Waits until there are two executors, none of which is the one that {@code before} lost. */
  private static List<String> awaitTwoExecutors(List<String> before) {
    Awaitility.await()
        .atMost(SOON)
        .until(
            () -> {
              List<String> now = SparkBlocks.executorPlaces();
              return now.size() == 2 && !now.equals(before);
            });
    return SparkBlocks.executorPlaces();
  }

  private static void killAnExecutor() {
    ProcessHandle executor =
        ProcessHandle.current()
            .descendants()
            .filter(
                process ->
                    process
                        .info()
                        .commandLine()
                        .orElse("")
                        .contains("CoarseGrainedExecutorBackend"))
            .findFirst()
            .orElseThrow();
    executor.destroyForcibly();
    executor.onExit().join();
  }

  /** Each executor reads all blocks, on a thread without a task, and reports. */
  private static List<String> readEverywhere(
      JavaSparkContext sc, CachedBlocks cached, List<String> places) {
    return PlacedRdd.reading(
            sc, String.class, 2, places, partition -> List.of(onAThread(cached)).iterator())
        .collect();
  }

  private static String onAThread(CachedBlocks cached) throws IOException {
    ExecutorService thread = Executors.newSingleThreadExecutor(new NamedThreadFactory("reader"));
    try {
      return thread.submit(() -> readAll(cached)).get(120, TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IOException(e);
    } finally {
      thread.shutdownNow();
    }
  }

  private static String readAll(CachedBlocks cached) throws IOException {
    MessageDigest digest = sha256();
    try (SparkBlockStore store = (SparkBlockStore) cached.open(50_000)) {
      for (int i = 0; i < cached.plan().blocks(); i++) {
        add(digest, store.block(i));
      }
      return HexFormat.of().formatHex(digest.digest())
          + " local="
          + store.localBlocks()
          + " remote="
          + store.remoteBlocks()
          + " reread="
          + store.rereadBlocks();
    }
  }

  private static String hash(DataSource source, BlockPlan plan) throws IOException {
    MessageDigest digest = sha256();
    try (SourceBlockStore store = new SourceBlockStore(source, plan, 0)) {
      for (int i = 0; i < plan.blocks(); i++) {
        add(digest, store.block(i));
      }
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static void add(MessageDigest digest, RecordBlock block) {
    digest.update(ByteBuffer.allocate(8).putLong(block.firstExample()).flip());
    for (int label : block.labels()) {
      digest.update((byte) label);
    }
    digest.update(block.bytes());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    }
  }

  private static void expect(String got, String wanted) {
    if (!got.equals(wanted)) {
      throw new AssertionError("Expected " + wanted + " but got " + got);
    }
  }
}
