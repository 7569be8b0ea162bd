package org.backdraft.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full: small file systems in memory. */
@Tag("full")
final class FullDiskIT {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  @TempDir Path folder;

  private final List<Path> mounted = new ArrayList<>();

  @BeforeEach
  void mayMount() throws Exception {
    RootCommands.assumeMounting();
  }

  @AfterEach
  void unmount() throws Exception {
    for (Path each : mounted) {
      RootCommands.run("umount", "--lazy", each.toString());
    }
  }

  private Path disk(Path at, String size) throws Exception {
    Files.createDirectories(at);
    RootCommands.run("mount", "-t", "tmpfs", "-o", "size=" + size, "none", at.toString());
    mounted.add(at);
    return at;
  }

  private static void awaitUnwritten(Command run) {
    await("a checkpoint finds no room")
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> {
              assertThat(run.isAlive()).as(run.errors()).isTrue();
              return run.errors().contains("A checkpoint was not written");
            });
  }

  private Command.Result backdraft(String... words) throws Exception {
    List<String> command = new ArrayList<>(List.of(Repository.backdraft().toString()));
    command.addAll(List.of(words));
    try (Command run = Command.start(folder, Map.of(), command)) {
      return run.await(LIMIT);
    }
  }

  /** Two checkpoints of LeNet, of 250 KB each, find room, and a third one does not. */
  @Test
  void aRunGoesOnWhoseCheckpointsFindNoRoomAndIsResumedFromTheLastOne() throws Exception {
    RecoveryScenario scenario = RecoveryScenario.in(folder, 30);
    Path out = scenario.out();
    disk(out.resolve("checkpoints"), "640k");
    try (Command run = scenario.locally()) {
      awaitUnwritten(run);
      assertThat(run.errors()).contains("checkpoints/step-").contains("No space left on device");
      Training.awaitSteps(run, out, 80); // it trains on
    } // kill -9
    Command.Result sound = backdraft("checkpoint", "verify", out.toString());
    assertThat(sound.exitCode()).as(sound.stdout() + sound.stderr()).isZero();

    Command.Result resumed = backdraft("train", "--resume", out.toString());
    scenario.assertUndisturbed(Training.summary(resumed, out));
    assertThat(resumed.stderr()).contains("A checkpoint was not written");
  }

  /**
   * An executor that is lost has none to follow it where no executor finds room for what it runs;
   * the state that was saved outlives that.
   */
  @Test
  void executorsWithoutRoomEndARunInWordsAndItIsResumedWhenThereIsSome() throws Exception {
    RecoveryScenario scenario = RecoveryScenario.in(folder, 30);
    List<String> command = new ArrayList<>(scenario.command());
    command.addAll(List.of("--set", "train.restarts=1"));
    Path disk = disk(folder.resolve("scratch"), "64m");
    Map<String, String> environment = Map.of("SPARK_LOCAL_DIRS", disk.toString());
    try (StandaloneCluster cluster =
        new StandaloneCluster(folder.resolve("state"), environment, 2, 1)) {
      Path filling = disk.resolve("filling");
      try (Command run = cluster.submit(List.of(), command)) {
        Training.awaitSteps(run, scenario.out(), 50);
        fill(filling);
        assertThat(Command.signal(cluster.executors().get(0).pid(), "KILL")).isTrue();
        Command.Result result = run.await(LIMIT);
        assertThat(result.exitCode()).as(result.stderr()).isEqualTo(6);
        assertThat(result.stderr().lines().filter(line -> line.startsWith("backdraft: ")))
            .anyMatch(line -> line.contains("No space left on device"));
      }
      Files.delete(filling);
      List<String> resume = List.of("train", "--resume", scenario.out().toString());
      try (Command run = cluster.submit(List.of(), resume)) {
        scenario.assertUndisturbed(Training.summary(run.await(LIMIT), scenario.out()));
      }
    }
  }

  private static void fill(Path file) throws IOException {
    byte[] block = new byte[1 << 16];
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left on device");
    }
  }

  @Test
  void aFullLocalDiskOfSparkEndsARunInWords() throws Exception {
    Path disk = disk(folder.resolve("scratch"), "64k,nr_inodes=1"); // no room for a folder
    Path out = folder.resolve("run");
    List<String> command = new ArrayList<>(List.of(Repository.backdraft().toString()));
    command.addAll(Training.digits(out, 1));
    try (Command run =
        Command.start(folder, Map.of("SPARK_LOCAL_DIRS", disk.toString()), command)) {
      Command.Result result = run.await(LIMIT);
      assertThat(result.exitCode()).as(result.stderr()).isNotZero();
      assertThat(result.stderr()).contains(disk.toString());
    }
  }
}
