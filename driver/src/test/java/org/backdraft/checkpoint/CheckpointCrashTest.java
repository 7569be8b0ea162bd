package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The process dies, or the storage refuses, at every single operation of writing and removing. */
class CheckpointCrashTest {
  @TempDir Path folder;

  private final List<String> warnings = new ArrayList<>();

  /** How a file comes to be whole. */
  enum Way {
    RENAMED,
    DIRECT;

    FaultyFiles files(Path root, FaultyFiles.Fault fault, int at) {
      FaultyFiles files = new FaultyFiles(new LocalFiles(root), fault, at);
      return this == RENAMED ? files : files.withoutRenaming();
    }

    FaultyFiles files(Path root) {
      return files(root, FaultyFiles.Fault.CRASH, Integer.MAX_VALUE);
    }
  }

  private static List<String> operationsOfAWrite(Way way, Path root) throws IOException {
    FaultyFiles counted = way.files(root);
    new CheckpointStore(counted).write(Checkpoints.of(100), 1);
    return counted.operations();
  }

  @ParameterizedTest
  @EnumSource
  void aCrashWhileWritingLeavesTheCheckpointBeforeOrTheWholeNewOne(Way way) throws IOException {
    List<String> operations = operationsOfAWrite(way, folder.resolve("count"));
    Set<Long> found = new TreeSet<>();
    for (int at = 0; at < operations.size(); at++) {
      Path root = folder.resolve("at-" + at);
      CheckpointStore sound = new CheckpointStore(way.files(root));
      sound.write(Checkpoints.of(100), 1);
      CheckpointStore dying = new CheckpointStore(way.files(root, FaultyFiles.Fault.CRASH, at));
      assertThatThrownBy(() -> dying.write(Checkpoints.of(200), 1))
          .as(operations.get(at))
          .isInstanceOf(CheckpointException.class);

      CheckpointStore.Loaded loaded = sound.newestValid(warning -> {}).orElseThrow();
      found.add(loaded.state().step());
      assertThat(Checkpoints.content(loaded))
          .as(operations.get(at))
          .isEqualTo(Checkpoints.content(Checkpoints.of(loaded.state().step())));
      for (CheckpointStore.Entry entry : sound.list()) {
        assertThat(!entry.committed() || sound.verify(entry).isSound())
            .as("%s: %s", operations.get(at), entry)
            .isTrue();
      }
      writeAgainAndTidyUp(sound, root);
    }
    // What dies behind the marker is whole.
    assertThat(found).containsExactly(100L, 200L);
  }

  /** As the next attempt does: nothing of the crash is left in the end. */
  private static void writeAgainAndTidyUp(CheckpointStore store, Path root) throws IOException {
    store.write(Checkpoints.of(200), 2);
    store.write(Checkpoints.of(300), 2);
    store.prune(new Retention(2, false));
    assertThat(store.list().stream().map(CheckpointStore.Entry::step)).containsExactly(300L, 200L);
    assertThat(store.list()).allMatch(entry -> entry.attempt() == 2);
    try (Stream<Path> names = Files.walk(root)) {
      assertThat(names.map(path -> path.getFileName().toString()))
          .doesNotContain("attempt-1")
          .noneMatch(name -> name.contains("unfinished"));
    }
  }

  @ParameterizedTest
  @EnumSource
  void theSameAttemptWritesOverWhatACrashLeft(Way way) throws IOException {
    List<String> operations = operationsOfAWrite(way, folder.resolve("count"));
    int beforeMarker = operations.size() - (way == Way.DIRECT ? 4 : 5);
    Path root = folder.resolve("run");
    CheckpointStore dying =
        new CheckpointStore(way.files(root, FaultyFiles.Fault.CRASH, beforeMarker));
    assertThatThrownBy(() -> dying.write(Checkpoints.of(100), 1)).isInstanceOf(IOException.class);
    CheckpointStore store = new CheckpointStore(way.files(root));
    assertThat(store.list()).singleElement().matches(entry -> !entry.committed());
    store.write(Checkpoints.of(100), 1);
    assertThat(store.newestValid(warnings::add)).isPresent();
    assertThat(warnings).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void aFullDiskLeavesNothingOfTheNewOneAndTheOneBeforeAsItWas(Way way) throws IOException {
    List<String> operations = operationsOfAWrite(way, folder.resolve("count"));
    for (int at = 0; at < operations.size(); at++) {
      Path root = folder.resolve("at-" + at);
      CheckpointStore sound = new CheckpointStore(way.files(root));
      sound.write(Checkpoints.of(100), 1);
      CheckpointStore full = new CheckpointStore(way.files(root, FaultyFiles.Fault.NO_SPACE, at));
      assertThatThrownBy(() -> full.write(Checkpoints.of(200), 1))
          .as(operations.get(at))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("step-000000000200")
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("Those before it stay");
      assertThat(root.resolve("step-000000000200")).as(operations.get(at)).doesNotExist();
      assertThat(sound.newestValid(warnings::add).orElseThrow().state().step()).isEqualTo(100);
      assertThat(warnings).isEmpty();
    }
  }

  @Test
  void renamingThatSaysNoIsAnError() throws IOException {
    List<String> operations = operationsOfAWrite(Way.RENAMED, folder.resolve("count"));
    int tried = 0;
    for (int at = 0; at < operations.size(); at++) {
      if (operations.get(at).startsWith("rename")) {
        Path root = folder.resolve("at-" + at);
        CheckpointStore store =
            new CheckpointStore(Way.RENAMED.files(root, FaultyFiles.Fault.REFUSED, at));
        assertThatThrownBy(() -> store.write(Checkpoints.of(100), 1))
            .isInstanceOf(CheckpointException.class)
            .hasMessageContaining("could not be renamed");
        assertThat(store.list()).isEmpty();
        tried++;
      }
    }
    assertThat(tried).isEqualTo(6);
  }

  @ParameterizedTest
  @EnumSource
  void aCrashWhileRemovingLeavesNothingThatLooksWholeAndIsNot(Way way) throws IOException {
    FaultyFiles counted = way.files(folder.resolve("count"));
    CheckpointStore first = new CheckpointStore(counted);
    first.write(Checkpoints.of(100), 1);
    first.write(Checkpoints.of(200), 1);
    int writing = counted.operations().size();
    first.prune(new Retention(1, false));
    int removing = counted.operations().size() - writing;
    assertThat(counted.operations().get(writing)).endsWith("100/attempt-1/_COMMIT");
    for (int at = 0; at < removing; at++) {
      Path root = folder.resolve("at-" + at);
      CheckpointStore store = new CheckpointStore(way.files(root));
      store.write(Checkpoints.of(100), 1);
      store.write(Checkpoints.of(200), 1);
      CheckpointStore dying = new CheckpointStore(way.files(root, FaultyFiles.Fault.CRASH, at));
      assertThatThrownBy(() -> dying.prune(new Retention(1, false)))
          .isInstanceOf(IOException.class);
      List<String> broken = new ArrayList<>();
      for (CheckpointStore.Entry entry : store.list()) {
        if (entry.committed() && !store.verify(entry).isSound()) {
          broken.add(entry.path());
        }
      }
      assertThat(broken).isEmpty();
      store.prune(new Retention(1, false));
      assertThat(store.list()).singleElement().matches(entry -> entry.step() == 200);
    }
  }

  @Test
  void aWriteSyncsEveryFileBeforeItsNameAndAllNamesBeforeTheMarker() throws IOException {
    List<String> operations = operationsOfAWrite(Way.RENAMED, folder.resolve("count"));
    String attempt = "step-000000000100/attempt-1/";
    assertThat(operations)
        .containsSubsequence(
            "create " + attempt + ".model.safetensors.unfinished",
            "sync " + attempt + ".model.safetensors.unfinished",
            "rename " + attempt + ".model.safetensors.unfinished",
            "create " + attempt + ".MANIFEST.json.unfinished",
            "sync " + attempt + ".MANIFEST.json.unfinished",
            "rename " + attempt + ".MANIFEST.json.unfinished",
            "sync folder step-000000000100/attempt-1",
            "create " + attempt + "._COMMIT.unfinished",
            "sync " + attempt + "._COMMIT.unfinished",
            "rename " + attempt + "._COMMIT.unfinished",
            "sync folder step-000000000100/attempt-1");
    assertThat(operationsOfAWrite(Way.DIRECT, folder.resolve("direct")))
        .noneMatch(operation -> operation.startsWith("rename"))
        .contains("create " + attempt + "_COMMIT");
  }
}
