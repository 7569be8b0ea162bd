package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One driver writes; the pause in which another is watched is played, not waited for. */
class CheckpointLeaseTest {
  @TempDir Path folder;

  private final List<Duration> pauses = new ArrayList<>();

  private CheckpointStore store() {
    return new CheckpointStore(new LocalFiles(folder));
  }

  private static void noPause(Duration duration) {
    throw new AssertionError("nothing to wait for");
  }

  private void leaveLease(String run, String host, long pid) throws IOException {
    Files.write(folder.resolve("_LEASE"), new LeaseFile(run, "0123", host, pid).toJson());
  }

  private static long pidOfTheDead() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return process.pid();
  }

  @Test
  void anotherRunIsRefusedAtOnceByName() throws Exception {
    try (CheckpointLease first = store().acquire("one", CheckpointLeaseTest::noPause)) {
      first.check();
      assertThatThrownBy(() -> store().acquire("two", CheckpointLeaseTest::noPause))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("another run, 'one'")
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining("delete " + folder.resolve("_LEASE"));
    }
    assertThat(folder).isEmptyDirectory();
    store().acquire("two", CheckpointLeaseTest::noPause).close();
  }

  @Test
  void theSameRunIsRefusedWhileItsDriverLives() throws Exception {
    try (CheckpointLease first = store().acquire("one", CheckpointLeaseTest::noPause)) {
      assertThatThrownBy(
              () ->
                  store()
                      .acquire(
                          "one",
                          duration -> {
                            pauses.add(duration);
                            first.beat();
                          }))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("is alive");
      assertThat(pauses).containsExactly(CheckpointLease.WATCH);
      first.check();
    }
  }

  @Test
  void theSameRunTakesOverAtOnceWhatADeadProcessOfThisMachineHeld() throws Exception {
    CheckpointLease mine = store().acquire("one", CheckpointLeaseTest::noPause);
    LeaseFile held = LeaseFile.read(new LocalFiles(folder));
    mine.close();
    leaveLease("one", held.host(), pidOfTheDead());
    try (CheckpointLease next = store().acquire("one", CheckpointLeaseTest::noPause)) {
      next.check();
    }
  }

  @Test
  void theSameRunTakesOverFromAnotherMachineWhenItsBeatStandsStill() throws Exception {
    leaveLease("one", "another-host", 1);
    try (CheckpointLease next = store().acquire("one", pauses::add)) {
      next.check();
    }
    assertThat(pauses).hasSize(1);
  }

  @Test
  void aDriverThatWasTakenForDeadPublishesNothing() throws Exception {
    CheckpointStore slow = store();
    CheckpointLease lost = slow.acquire("one", CheckpointLeaseTest::noPause);
    slow.write(Checkpoints.of(100), 1);
    leaveLease("one", "another-host", 1);
    assertThatThrownBy(() -> slow.write(Checkpoints.of(200), 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("taken over")
        .hasMessageContaining("another-host");
    assertThat(slow.list()).singleElement().matches(entry -> entry.step() == 100);
    lost.close();
    assertThat(LeaseFile.read(new LocalFiles(folder)).host()).isEqualTo("another-host");
    Files.delete(folder.resolve("_LEASE"));
    assertThatThrownBy(() -> slow.write(Checkpoints.of(200), 1))
        .hasMessageContaining("was deleted");
  }

  @Test
  void aLeaseThatSaysNothingIsRefusedWithWhatToDo() throws IOException {
    Files.writeString(folder.resolve("_LEASE"), "");
    assertThatThrownBy(() -> store().acquire("one", CheckpointLeaseTest::noPause))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("_LEASE")
        .hasMessageContaining("delete it");
  }
}
