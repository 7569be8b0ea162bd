package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * One and the same weights for any number of workers and threads, cluster or laptop, JVM or width.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS) // one reference for all tests
final class OneHashIT {
  private static final String REFERENCE = "1 worker, 1 thread";

  @TempDir Path folder;

  private final Map<String, String> hashes = new LinkedHashMap<>();

  @BeforeEach
  void haveReference() throws Exception {
    if (!hashes.containsKey(REFERENCE)) {
      local(REFERENCE, Map.of(), "--workers", "1", "--threads", "1");
    }
  }

  @Test
  @Tag("cluster")
  void laptopAndTwoExecutorClusterGiveTheSameWeights() throws Exception {
    local("1 worker, 2 threads", Map.of(), "--workers", "1", "--threads", "2");
    local("2 workers", Map.of(), "--workers", "2");
    local("4 workers", Map.of(), "--workers", "4");
    local("3 workers", Map.of(), "--workers", "3");
    String executors = "local-cluster[2,1,1024]";
    local("2 JVMs of a local cluster", Map.of(), "--workers", "2", "--master", executors);
    cluster("cluster", Map.of(), List.of());
    assertOneHash();
  }

  @Test
  @Tag("cluster")
  void vectorWidthsAndScalarKernelsGiveTheSameWeights() throws Exception {
    local("AVX2", Map.of("BACKDRAFT_JAVA_OPTS", "-XX:UseAVX=2"));
    local("128 bits", Map.of("BACKDRAFT_JAVA_OPTS", "-XX:MaxVectorSize=16"));
    local("scalar", Map.of("BACKDRAFT_JAVA_OPTS", "-Dbackdraft.kernels=scalar"));
    assertOneHash();
  }

  @Test
  @Tag("cluster")
  void jdk25OnLaptopAndClusterGivesTheSameWeights() throws Exception {
    assumeTrue(
        Repository.jdk25().isPresent(), "no JDK 25 found; give its home by -Dbackdraft.jdk25");
    Map<String, String> jdk25 = Map.of("JAVA_HOME", Repository.jdk25().get().toString());
    local("JDK 25", jdk25);
    cluster("JDK 25 cluster", jdk25, List.of());
    assertOneHash();
  }

  @Test
  @Tag("full")
  void blocksOnFewOrManyExecutorsGiveTheSameWeights() throws Exception {
    local("large blocks", Map.of());
    local("small blocks", Map.of(), "--set", "data.block-bytes=16000", "--workers", "2");
    cluster(
        "small blocks, small caches",
        Map.of(),
        List.of("--set", "data.block-bytes=16000", "--set", "data.cache-bytes=400000"));
    assertOneHash();
  }

  private void local(String name, Map<String, String> environment, String... more)
      throws Exception {
    Path out = folder.resolve("run-" + hashes.size());
    hashes.put(name, hash(Training.local(folder, environment, out, Training.digits(out, 2, more))));
  }

  private void cluster(String name, Map<String, String> environment, List<String> more)
      throws Exception {
    Path out = folder.resolve("run-" + hashes.size());
    try (StandaloneCluster cluster =
            new StandaloneCluster(folder.resolve("state-" + hashes.size()), environment, 2, 1);
        Command run =
            cluster.submit(List.of(), Training.digits(out, 2, more.toArray(String[]::new)))) {
      JsonNode summary = Training.summary(run.await(Training.TIMEOUT), out);
      assertThat(summary.get("workers").asInt()).as("workers of the cluster run").isEqualTo(2);
      hashes.put(name, hash(summary));
    }
  }

  private static String hash(JsonNode summary) {
    String hash = summary.get("weights_sha256").asText();
    assertThat(hash).matches("[0-9a-f]{64}");
    return hash;
  }

  private void assertOneHash() {
    assertThat(Set.copyOf(hashes.values())).as("weights_sha256 of %s", hashes).hasSize(1);
  }
}
