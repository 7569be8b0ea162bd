package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hdfs.MiniDFSCluster;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.data.HadoopSettings;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that is saved to HDFS, of which a data node is lost meanwhile: name node and data nodes in
 * this JVM, three of them, each block on all three.
 */
@Tag("cluster")
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class HdfsDataNodeTest {
  private static final TrainingListener SILENT = new TrainingListener() {};
  private static final int NODES = 3;

  /** So that steps are left to a run that is resumed behind its sixteenth. */
  private static final int EPOCHS = 6;

  private static final float RATE = 0.05f;

  @TempDir Path disk;

  private MiniDFSCluster hdfs;

  @BeforeEach
  void start() throws IOException {
    Configuration configuration = new Configuration();
    configuration.set(MiniDFSCluster.HDFS_MINIDFS_BASEDIR, disk.toString());
    hdfs = new MiniDFSCluster.Builder(configuration).numDataNodes(NODES).build();
    hdfs.waitActive();
  }

  @AfterEach
  void stop() {
    if (hdfs != null) {
      hdfs.shutdown();
    }
  }

  private TrainingJob job(TrainingListener listener, boolean isResumed) {
    return new TrainingJob(
            TestConfigs.recovering(TestConfigs.small(2, 1, EPOCHS, RATE), "2 steps, 1 epochs", 0),
            TestNets::wide,
            ThreadCluster.provider(ThreadCluster.WORKER),
            listener)
        .checkpointingIn(
            new CheckpointPlace(
                hdfs.getURI() + "/runs/one/checkpoints",
                isResumed,
                (network, normalize) -> Map.of()));
  }

  /** Loses a data node at a step, and ends as a killed driver does at another one. */
  private final class Loss implements TrainingListener {
    private final long first;
    private final long end;
    private boolean isLost;

    /**
     * @param first the step from which on it happens
     */
    Loss(long first, long end) {
      this.first = first;
      this.end = end;
    }

    @Override
    public void onStep(Step told) {
      if (!isLost && told.step() >= first) {
        isLost = true;
        assertThat(hdfs.stopDataNode(0)).isNotNull();
      }
      if (told.step() == end) {
        throw new IllegalStateException("the driver stops at step " + end);
      }
    }
  }

  @Test
  void aLostDataNodeChangesNoBit() throws Exception {
    assertThatThrownBy(job(new Loss(5, 16), false)::run).hasMessageContaining("the driver stops");
    assertThat(hdfs.getDataNodes()).hasSize(NODES - 1);
    CheckpointStore store =
        CheckpointStore.ofRun(hdfs.getURI() + "/runs/one", HadoopSettings.defaults());
    List<CheckpointStore.Entry> saved = store.list();
    assertThat(saved.get(0).step()).as("saved after the loss").isGreaterThan(8);
    for (CheckpointStore.Entry each : saved) {
      assertThat(store.verify(each).problems()).isEmpty();
    }

    // And a second one, at once: how far the workers were ahead of what the driver has told, and so
    // which state is the newest, depends on their speed.
    TrainingReport resumed = job(new Loss(1, -1), true).run();
    TrainingReport clean =
        new TrainingJob(
                TestConfigs.small(1, 1, EPOCHS, RATE),
                TestNets::wide,
                ThreadCluster.provider(ThreadCluster.WORKER),
                SILENT)
            .run();
    assertThat(resumed.weightsSha256()).isEqualTo(clean.weightsSha256());
    assertThat(resumed.steps()).isEqualTo(clean.steps());
    assertThat(hdfs.getDataNodes()).hasSize(NODES - 2);
    assertThat(store.verify(store.list().get(0)).problems()).isEmpty();
  }
}
