package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A heap that is too small is refused with the value to set, and with that value the run trains; no
 * heap ends a run by an OutOfMemoryError.
 */
@Tag("cluster")
final class MemoryIT {
  private static final int USAGE = 2;

  @TempDir Path folder;

  @Test
  void aLaptopsHeapIsComparedWithThePlan() throws Exception {
    Command.Result refused = local("-Xmx600m");
    assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(USAGE);
    Command.Result trained = local("-Xmx" + namedMegabytes(refused, "-Xmx") + "m");
    assertThat(trained.exitCode()).as(trained.stderr()).isZero();
  }

  @Test
  void aHeapBelowWhatSparkNeedsIsRefused() throws Exception {
    Command.Result refused = local("-Xmx300m");
    assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(USAGE);
    assertThat(refused.stderr()).contains("Spark needs").contains("-Xmx600m");
  }

  @Test
  void aHeapThatIsCutIntoTooSmallPartsIsRefusedBeforeTheFirstStep() throws Exception {
    Command.Result refused = local("-Xmx950m -Xmn650m -XX:SurvivorRatio=1 -XX:+UseSerialGC");
    assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(USAGE);
    assertThat(refused.stderr()).contains("ran out").contains("Raise -Xmx");
  }

  @Test
  void anExecutorsHeapIsComparedWithThePlan() throws Exception {
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), Map.of(), 1, 1)) {
      Command.Result refused = submit(cluster, "600m");
      assertThat(refused.exitCode()).as(refused.stderr()).isEqualTo(USAGE);
      String named = namedMegabytes(refused, "--executor-memory ") + "m";
      Command.Result trained = submit(cluster, named);
      assertThat(trained.exitCode()).as(trained.stderr()).isZero();
    }
  }

  private Command.Result local(String javaOptions) throws Exception {
    List<String> words = new ArrayList<>(List.of(Repository.backdraft().toString()));
    words.addAll(training());
    Map<String, String> environment = Map.of("BACKDRAFT_JAVA_OPTS", javaOptions);
    try (Command run = Command.start(folder, environment, words)) {
      return run.await(Training.TIMEOUT);
    }
  }

  private Command.Result submit(StandaloneCluster cluster, String executorMemory) throws Exception {
    try (Command run = cluster.submit(List.of("--executor-memory", executorMemory), training())) {
      return run.await(Training.TIMEOUT);
    }
  }

  private static String namedMegabytes(Command.Result refused, String option) {
    Matcher value = Pattern.compile("Set " + option + "(\\d+)m").matcher(refused.stderr());
    assertThat(value.find()).as(refused.stderr()).isTrue();
    return value.group(1);
  }

  /** Two steps of a network that takes about 1 GB. */
  private List<String> training() {
    return List.of(
        "train",
        "--model",
        "resnet20",
        "--data",
        "digits:train=512,val=16",
        "--epochs",
        "1",
        "--threads",
        "1",
        "--set",
        "data.batch=256",
        "--set",
        "train.leaves=8",
        "--out",
        folder.resolve("run-" + System.nanoTime()).toString());
  }
}
