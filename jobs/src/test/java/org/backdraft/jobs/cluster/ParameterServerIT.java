package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A parameter server with executors that are JVMs of their own. */
final class ParameterServerIT {

  /** A thread that serves a shard to a worker; those of workers that ask are named otherwise. */
  private static final Pattern SHARD_THREAD = Pattern.compile("\"backdraft-shard-\\d+\"");

  @TempDir Path folder;

  private static String[] server(String placement, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "--set", "sync.strategy=parameter-server", "--set", "sync.placement=" + placement));
    words.addAll(List.of(more));
    return words.toArray(String[]::new);
  }

  @Test
  @Tag("cluster")
  void theWeightsAreThoseOfAnAllReduceOnLaptopAndCluster() throws Exception {
    Map<String, String> hashes = new LinkedHashMap<>();
    hashes.put("all-reduce", local("--workers", "1"));
    hashes.put("3 workers, shards beside them", local(server("executors", "--workers", "3")));
    hashes.put(
        "2 workers, 2 shards in the driver",
        local(server("driver", "--workers", "2", "--set", "sync.shards=2")));
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1)) {
      hashes.put("cluster, shards in the executors", submit(cluster, server("executors")));
      hashes.put("cluster, shards in the driver", submit(cluster, server("driver")));
      hashes.put("cluster, clipped LAMB", submit(cluster, server("executors", lambWords())));
    }
    String lamb = hashes.remove("cluster, clipped LAMB");

    assertThat(Set.copyOf(hashes.values())).as("weights_sha256 of %s", hashes).hasSize(1);
    assertThat(lamb).isEqualTo(local(lambWords())).isNotEqualTo(hashes.get("all-reduce"));
  }

  private static String[] lambWords() {
    return new String[] {"--set", "optimizer.name=lamb", "--set", "train.clip=0.5"};
  }

  private String local(String... more) throws Exception {
    Path out = folder.resolve("run-" + System.nanoTime());
    return hash(Training.local(folder, Map.of(), out, Training.digits(out, 2, more)));
  }

  private String submit(StandaloneCluster cluster, String... more) throws Exception {
    Path out = folder.resolve("run-" + System.nanoTime());
    try (Command run = cluster.submit(List.of(), Training.digits(out, 2, more))) {
      JsonNode summary = Training.summary(run.await(Training.TIMEOUT), out);
      assertThat(summary.get("workers").asInt()).as("workers of the cluster run").isEqualTo(2);
      return hash(summary);
    }
  }

  private static String hash(JsonNode summary) {
    return summary.get("weights_sha256").asText();
  }

  @Test
  @Tag("full")
  void shardsRunWhereTheyArePlaced() throws Exception {
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), Map.of(), 2, 1)) {
      assertThat(shardThreads(cluster, "executors")).containsExactly(2L, 2L);
      assertThat(shardThreads(cluster, "driver")).containsExactly(0L, 0L);
    }
  }

  /** How many threads each executor has that serve a shard, in mid training. */
  private List<Long> shardThreads(StandaloneCluster cluster, String placement) throws Exception {
    Path out = folder.resolve("long-run-" + placement);
    List<Long> counts = new ArrayList<>();
    try (Command run = cluster.submit(List.of(), Training.digits(out, 10_000, server(placement)))) {
      Training.awaitSteps(run, out, 10);
      for (ProcessHandle executor : cluster.executors()) {
        counts.add(SHARD_THREAD.matcher(Jcmd.threads(folder, executor.pid())).results().count());
      }
      if (placement.equals("driver")) {
        assertThat(run.errors()).contains("The parameter server runs in the driver's JVM");
      }
    }
    return counts;
  }
}
