package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How {@code bin/backdraft} starts its JVM. */
@Tag("cluster")
final class LauncherIT {
  private static final Pattern HEAP = Pattern.compile("MaxHeapSize += (\\d+)");

  @TempDir Path folder;

  /** The JVM takes what its cgroup allows for the machine's memory; MaxRAM stands for that here. */
  @Test
  void theHeapIsThreeQuartersOfTheMemory() throws Exception {
    assertThat(heapBytes("-XX:MaxRAM=2g")).isEqualTo((2L << 30) / 4 * 3);
  }

  @Test
  void optionsOfTheUserWin() throws Exception {
    assertThat(heapBytes("-XX:MaxRAM=2g -Xmx640m")).isEqualTo(640L << 20);
    assertThat(heapBytes("-XX:MaxRAM=2g -XX:MaxRAMPercentage=50")).isEqualTo(1L << 30);
  }

  private long heapBytes(String options) throws Exception {
    Map<String, String> environment =
        Map.of("BACKDRAFT_JAVA_OPTS", options + " -XX:+PrintFlagsFinal");
    List<String> words = List.of(Repository.backdraft().toString(), "--version");
    try (Command run = Command.start(folder, environment, words)) {
      Command.Result result = run.await(Training.TIMEOUT);
      Matcher heap = HEAP.matcher(result.stdout());
      assertThat(heap.find()).as(result.stdout() + result.stderr()).isTrue();
      return Long.parseLong(heap.group(1));
    }
  }
}
