package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints in an object store, by Hadoop's S3A. */
@Tag("full")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class S3CheckpointTest {
  @TempDir static Path disk;

  private static S3Server store;

  private final List<String> warnings = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    assumeTrue(Files.exists(S3Server.JAR), "no " + S3Server.JAR + "; the profile full brings it");
    store = new S3Server(disk);
  }

  @AfterAll
  static void stop() {
    if (store != null) {
      store.close();
    }
  }

  private static CheckpointStore open(String name) throws Exception {
    return CheckpointStore.open(store.address(name), store.settings());
  }

  private static FileSystem fileSystem() throws IOException {
    return new org.apache.hadoop.fs.Path(store.address(""))
        .getFileSystem(store.settings().configuration());
  }

  private static HadoopFiles files(String name) throws IOException {
    return new HadoopFiles(
        fileSystem(), new org.apache.hadoop.fs.Path(store.address(name)), StorageRule.of("s3a"));
  }

  @Test
  void checkpointsAreWrittenReadVerifiedAndPruned() throws Exception {
    CheckpointStore checkpoints = open("one/checkpoints");
    checkpoints.write(Checkpoints.of(100, 0.5), 1);
    checkpoints.write(Checkpoints.of(200, 0.4), 1);
    checkpoints.write(Checkpoints.of(300, 0.3), 2);
    assertThat(Checkpoints.content(checkpoints.newestValid(warnings::add).orElseThrow()))
        .isEqualTo(Checkpoints.content(Checkpoints.of(300, 0.3)));
    assertThat(warnings).isEmpty();
    for (CheckpointStore.Entry entry : checkpoints.list()) {
      assertThat(checkpoints.verify(entry).problems()).isEmpty();
    }
    assertThat(checkpoints.prune(new Retention(1, true)))
        .singleElement()
        .matches(entry -> entry.step() == 200);
    assertThat(CheckpointStore.ofRun(store.address("one"), store.settings()).list()).hasSize(2);
  }

  /** The store refuses it (If-None-Match), so that of two drivers one knows that it was second. */
  @Test
  void aSecondWriterOfAFileIsRefused() throws Exception {
    open("two").write(Checkpoints.of(100), 1);
    assertThatThrownBy(
            () -> {
              try (StoreFiles.NewFile file =
                  files("two").create("step-000000000100/attempt-1/_COMMIT")) {
                file.write(new byte[3], 0, 3);
              }
            })
        .isInstanceOf(FileAlreadyExistsException.class);
    assertThat(open("two").verify(open("two").list().get(0)).problems()).isEmpty();
  }

  @Test
  void aDamagedFileIsNoticed() throws Exception {
    CheckpointStore checkpoints = open("three");
    checkpoints.write(Checkpoints.of(100), 1);
    checkpoints.write(Checkpoints.of(200), 1);
    org.apache.hadoop.fs.Path state =
        new org.apache.hadoop.fs.Path(
            store.address("three") + "/step-000000000200/attempt-1/state.json");
    long length = fileSystem().getFileStatus(state).getLen();
    try (FSDataOutputStream out = fileSystem().create(state, true)) {
      out.write(new byte[(int) length]);
    }
    assertThat(checkpoints.newestValid(warnings::add).orElseThrow().state().step()).isEqualTo(100);
    assertThat(warnings).singleElement().asString().contains("state.json", "CRC32C", "s3a://");
  }

  /** Around the marker; the other operations are tried on a local disk. */
  @Test
  void aCrashLeavesTheOneBeforeOrTheWholeNewOne() throws Exception {
    FaultyFiles counted = FaultyFiles.none(files("count"));
    new CheckpointStore(counted).write(Checkpoints.of(100), 1);
    CheckpointStore checkpoints = new CheckpointStore(files("crash"));
    checkpoints.write(Checkpoints.of(0), 1);
    int tried = 0;
    for (int at = 0; at < counted.operations().size(); at++) {
      if (!counted.operations().get(at).contains("_COMMIT")) {
        continue;
      }
      tried++;
      int step = at + 1;
      CheckpointStore dying =
          new CheckpointStore(new FaultyFiles(files("crash"), FaultyFiles.Fault.CRASH, at));
      String operation = counted.operations().get(at);
      assertThatThrownBy(() -> dying.write(Checkpoints.of(step), 1))
          .as(operation)
          .isInstanceOf(CheckpointException.class);
      CheckpointStore.Loaded loaded = checkpoints.newestValid(warnings::add).orElseThrow();
      assertThat(Checkpoints.content(loaded))
          .as(operation)
          .isEqualTo(Checkpoints.content(Checkpoints.of(loaded.state().step())));
      // The marker is there as soon as it is closed.
      assertThat(loaded.state().step()).as(operation).isLessThanOrEqualTo(step);
      checkpoints.write(Checkpoints.of(step), 2);
      assertThat(checkpoints.newestValid(warnings::add).orElseThrow().state().step())
          .isEqualTo(step);
    }
    assertThat(tried).isGreaterThanOrEqualTo(3);
  }

  @Test
  void oneDriverHoldsTheLock() throws Exception {
    try (CheckpointLock lock = open("four").acquire("one")) {
      lock.beat();
      lock.check();
      assertThatThrownBy(() -> open("four").acquire("two"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("another run, 'one'");
    }
  }
}
