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
class CheckpointLockTest {
  @TempDir Path folder;

  private final List<Duration> pauses = new ArrayList<>();

  private CheckpointStore store() {
    return new CheckpointStore(new LocalFiles(folder));
  }

  private static void noPause(Duration duration) {
    throw new AssertionError("nothing to wait for");
  }

  private void leaveLock(String run, String host, long pid) throws IOException {
    Files.write(folder.resolve("_LOCK"), new LockFile(run, "0123", host, pid).toJson());
  }

  private static long pidOfTheDead() throws Exception {
    Process process = new ProcessBuilder("true").start();
    process.waitFor();
    return process.pid();
  }

  @Test
  void anotherRunIsRefusedAtOnceByName() throws Exception {
    try (CheckpointLock first = store().acquire("one", CheckpointLockTest::noPause)) {
      first.check();
      assertThatThrownBy(() -> store().acquire("two", CheckpointLockTest::noPause))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("another run, 'one'")
          .hasMessageContaining("process " + ProcessHandle.current().pid())
          .hasMessageContaining("delete " + folder.resolve("_LOCK"));
    }
    assertThat(folder).isEmptyDirectory();
    store().acquire("two", CheckpointLockTest::noPause).close();
  }

  @Test
  void theSameRunIsRefusedWhileItsDriverLives() throws Exception {
    try (CheckpointLock first = store().acquire("one", CheckpointLockTest::noPause)) {
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
      assertThat(pauses).containsExactly(CheckpointLock.WATCH);
      first.check();
    }
  }

  @Test
  void theSameRunTakesOverAtOnceWhatADeadProcessOfThisMachineHeld() throws Exception {
    CheckpointLock mine = store().acquire("one", CheckpointLockTest::noPause);
    LockFile held = LockFile.read(new LocalFiles(folder));
    mine.close();
    leaveLock("one", held.host(), pidOfTheDead());
    try (CheckpointLock next = store().acquire("one", CheckpointLockTest::noPause)) {
      next.check();
    }
  }

  @Test
  void theSameRunTakesOverFromAnotherMachineWhenItsBeatStandsStill() throws Exception {
    leaveLock("one", "another-host", 1);
    try (CheckpointLock next = store().acquire("one", pauses::add)) {
      next.check();
    }
    assertThat(pauses).hasSize(1);
  }

  @Test
  void aDriverThatWasTakenForDeadPublishesNothing() throws Exception {
    CheckpointStore slow = store();
    CheckpointLock lost = slow.acquire("one", CheckpointLockTest::noPause);
    slow.write(Checkpoints.of(100), 1);
    leaveLock("one", "another-host", 1);
    assertThatThrownBy(() -> slow.write(Checkpoints.of(200), 1))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("taken over")
        .hasMessageContaining("another-host");
    assertThat(slow.list()).singleElement().matches(entry -> entry.step() == 100);
    lost.close();
    assertThat(LockFile.read(new LocalFiles(folder)).host()).isEqualTo("another-host");
    Files.delete(folder.resolve("_LOCK"));
    assertThatThrownBy(() -> slow.write(Checkpoints.of(200), 1))
        .hasMessageContaining("was deleted");
  }

  @Test
  void aLockThatSaysNothingIsRefusedWithWhatToDo() throws IOException {
    Files.writeString(folder.resolve("_LOCK"), "");
    assertThatThrownBy(() -> store().acquire("one", CheckpointLockTest::noPause))
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("_LOCK")
        .hasMessageContaining("delete it");
  }
}
