package org.backdraft.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.backdraft.data.HadoopSettings;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on a real HDFS, name node and data node in this JVM. */
@Tag("cluster")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HdfsCheckpointTest {
  @TempDir static Path disk;

  private static MiniDFSCluster hdfs;

  private final List<String> warnings = new ArrayList<>();

  @BeforeAll
  static void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disk.toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(1).build();
    hdfs.waitActive();
  }

  @AfterAll
  static void stop() {
    if (hdfs != null) {
      hdfs.shutdown();
    }
  }

  private static String address(String name) {
    return hdfs.getURI() + "/runs/" + name;
  }

  @Test
  void checkpointsAreWrittenReadVerifiedAndPruned() throws Exception {
    CheckpointStore store =
        CheckpointStore.open(address("one/checkpoints"), HadoopSettings.defaults());
    store.write(Checkpoints.of(100, 0.5), 1);
    store.write(Checkpoints.of(200, 0.4), 1);
    store.write(Checkpoints.of(300, 0.3), 2);
    assertThat(Checkpoints.content(store.newestValid(warnings::add).orElseThrow()))
        .isEqualTo(Checkpoints.content(Checkpoints.of(300, 0.3)));
    assertThat(warnings).isEmpty();
    for (CheckpointStore.Entry entry : store.list()) {
      assertThat(store.verify(entry).problems()).isEmpty();
      for (StoreFiles.Item item : files("one/checkpoints").list(entry.folder())) {
        assertThat(item.name()).doesNotContain("unfinished");
      }
    }
    assertThat(store.prune(new Retention(1, true)))
        .singleElement()
        .matches(entry -> entry.step() == 200);
    assertThat(CheckpointStore.ofRun(address("one"), HadoopSettings.defaults()).list()).hasSize(2);
  }

  private static HadoopFiles files(String name) throws IOException {
    return new HadoopFiles(
        hdfs.getFileSystem(),
        new org.apache.hadoop.fs.Path(address(name)),
        StorageRule.of(hdfs.getFileSystem().getScheme()));
  }

  /** At renaming and around the marker; the other operations are tried on a local disk. */
  @Test
  void aCrashLeavesTheOneBeforeOrTheWholeNewOne() throws IOException {
    FaultyFiles counted = FaultyFiles.none(files("count"));
    new CheckpointStore(counted).write(Checkpoints.of(100), 1);
    CheckpointStore store = new CheckpointStore(files("crash"));
    store.write(Checkpoints.of(0), 1);
    int tried = 0;
    for (int at = 0; at < counted.operations().size(); at++) {
      String operation = counted.operations().get(at);
      if (operation.startsWith("rename") || operation.contains("_COMMIT")) {
        int step = at + 1;
        CheckpointStore dying =
            new CheckpointStore(new FaultyFiles(files("crash"), FaultyFiles.Fault.CRASH, at));
        assertThatThrownBy(() -> dying.write(Checkpoints.of(step), 1))
            .as(operation)
            .isInstanceOf(CheckpointException.class);
        CheckpointStore.Loaded loaded = store.newestValid(warnings::add).orElseThrow();
        assertThat(loaded.state().step()).as(operation).isLessThan(step);
        assertThat(Checkpoints.content(loaded))
            .as(operation)
            .isEqualTo(Checkpoints.content(Checkpoints.of(loaded.state().step())));
        store.write(Checkpoints.of(step), 2);
        assertThat(store.newestValid(warnings::add).orElseThrow().state().step()).isEqualTo(step);
        tried++;
      }
    }
    assertThat(tried).isGreaterThanOrEqualTo(9);
  }

  @Test
  void aDamagedFileIsNoticedAndASecondWriterOfAFileRefused() throws IOException {
    CheckpointStore store = CheckpointStore.open(address("two"), HadoopSettings.defaults());
    store.write(Checkpoints.of(100), 1);
    store.write(Checkpoints.of(200), 1);
    FileSystem fileSystem = hdfs.getFileSystem();
    org.apache.hadoop.fs.Path state =
        new org.apache.hadoop.fs.Path(address("two") + "/step-000000000200/attempt-1/state.json");
    long length = fileSystem.getFileStatus(state).getLen();
    try (FSDataOutputStream out = fileSystem.create(state, true)) {
      out.write(new byte[(int) length]);
    }
    assertThat(store.newestValid(warnings::add).orElseThrow().state().step()).isEqualTo(100);
    assertThat(warnings).singleElement().asString().contains("state.json", "CRC32C", "hdfs://");
    assertThatThrownBy(() -> files("two").create("step-000000000100/attempt-1/_COMMIT"))
        .isInstanceOf(IOException.class);
    // HDFS says no without a reason where the target is there.
    assertThat(
            files("two")
                .rename(
                    "step-000000000200/attempt-1/state.json",
                    "step-000000000100/attempt-1/state.json"))
        .isFalse();
  }

  @Test
  void oneDriverHoldsTheLock() throws Exception {
    CheckpointStore store = CheckpointStore.open(address("three"), HadoopSettings.defaults());
    try (CheckpointLock lock = store.acquire("one")) {
      lock.beat();
      lock.beat();
      lock.check();
      assertThatThrownBy(
              () ->
                  CheckpointStore.open(address("three"), HadoopSettings.defaults()).acquire("two"))
          .isInstanceOf(CheckpointException.class)
          .hasMessageContaining("another run, 'one'");
      store.write(Checkpoints.of(100), 1);
    }
    assertThat(files("three").list("")).hasSize(1);
  }
}
