package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.backdraft.data.DataSource;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.init.Initializer;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final Network WIDE =
      Network.named("wide", Shape.of(1, 100, 100))
          .add("flatten", new Flatten())
          .add("fc1", Linear.of(5000))
          .add("fc2", Linear.of(10))
          .build();

  private static void check(int mostWorkers, long heapMegabytes, int examples) {
    check(mostWorkers, heapMegabytes, examples, SyncMemory.NONE, new Driver(heapMegabytes, true));
  }

  /** The heap of a driver. */
  private record Driver(long megabytes, boolean holdsWorkers) {}

  private static void check(
      int mostWorkers, long heapMegabytes, int examples, SyncMemory table, Driver driver) {
    check(mostWorkers, heapMegabytes, new PatternedImages(examples, 1), table, driver);
  }

  private static void check(
      int mostWorkers, long heapMegabytes, DataSource training, SyncMemory table, Driver driver) {
    ModelSpec model =
        new ModelSpec(
            WIDE,
            Loss.SOFTMAX_CROSS_ENTROPY,
            new Leaves(4),
            64,
            1,
            1,
            WIDE.parameterTable().size(),
            Plan.Options.DEFAULT,
            new ModelSpec.Start(false, Initializer.HE, 1));
    Cluster.Heap heap =
        new Cluster.Heap(heapMegabytes << 20, "-Xmx", 1, mostWorkers, 300 << 20, 0.6);
    Cluster.Placement placement =
        new Cluster.Placement(
            2,
            1,
            "test",
            "here",
            "here",
            mostWorkers,
            heap,
            new Cluster.DriverHeap(
                driver.megabytes() << 20, "--driver-memory ", driver.holdsWorkers()));
    try {
      MemoryCheck.check(
          model,
          model.requests(2, training.examples()),
          List.of(training, new PatternedImages(200, 2)),
          TestConfigs.small(2, 1, 1, 0.1f).data(),
          true,
          placement,
          table,
          GangSetup.kernels());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void picturesThatAreDecodedCountForEachWorker() {
    Driver driver = new Driver(1100, true);
    PatternedImages small = new PatternedImages(1000, 1, 100 << 20);
    PatternedImages large = new PatternedImages(1000, 1, 700 << 20);
    assertThatCode(() -> check(1, 1100, small, SyncMemory.NONE, driver)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(1, 1100, large, SyncMemory.NONE, driver))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("it has 1100 MB");
  }

  @Test
  void aHeapThatIsTooSmallIsRefusedWithTheValueToSet() {
    assertThatThrownBy(() -> check(1, 460, 1000))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("460 MB")
        .hasMessageContaining("'wide'")
        .satisfies(
            e -> {
              Matcher value = Pattern.compile("Set -Xmx(\\d+)m").matcher(e.getMessage());
              assertThat(value.find()).as(e.getMessage()).isTrue();
              check(1, Long.parseLong(value.group(1)), 1000);
            });
  }

  @Test
  void aHeapThatIsLargeEnoughForOneWorkerMayBeTooSmallForTwo() {
    assertThatCode(() -> check(1, 1000, 1000)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(2, 1000, 1000)).hasMessageContaining("2 worker(s)");
  }

  @Test
  void aDriverThatIsTooSmallForItsShardsIsRefusedWithTheValueToSet() {
    SyncMemory inDriver = new SyncMemory(10 << 20, 600 << 20, 2);
    assertThatThrownBy(() -> check(1, 2000, 1000, inDriver, new Driver(700, false)))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("2 shard(s) of the parameters of 'wide'")
        .hasMessageContaining("it has 700 MB")
        .hasMessageContaining("sync.placement=executors")
        .satisfies(
            e -> {
              Matcher value =
                  Pattern.compile("Set --driver-memory (\\d+)m").matcher(e.getMessage());
              assertThat(value.find()).as(e.getMessage()).isTrue();
              check(1, 2000, 1000, inDriver, new Driver(Long.parseLong(value.group(1)), false));
            });
  }

  @Test
  void shardsBesideWorkersAndInTheirJvmCountInTheirHeap() {
    SyncMemory beside = new SyncMemory(600 << 20, 0, 1);
    SyncMemory inDriver = new SyncMemory(0, 600 << 20, 1);
    assertThatCode(() -> check(1, 1100, 1000)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(1, 1100, 1000, beside, new Driver(50, false)))
        .hasMessageContaining("1 worker(s)");
    assertThatThrownBy(() -> check(1, 1100, 1000, inDriver, new Driver(1100, true)))
        .hasMessageContaining("1 worker(s)");
    assertThatCode(() -> check(1, 1100, 1000, inDriver, new Driver(5000, false)))
        .doesNotThrowAnyException();
  }

  @Test
  void cachedDataCountsUntilSparkWouldSpillIt() {
    assertThatCode(() -> check(1, 900, 1000)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(1, 900, 10_000_000)).hasMessageContaining("of cached data");
  }

  @Test
  void theNeededHeapIsTheSmallerOfHoldingAllDataAndOfSpillingSomeOfIt() {
    Cluster.Heap heap = new Cluster.Heap(0, "-Xmx", 1, 1, 300, 0.6);
    assertThat(heap.neededBytes(500, 100)).isEqualTo(600);
    // 800 = 500 + 0.6 · (800 − 300)
    assertThat(heap.neededBytes(500, 1000)).isEqualTo(800);
    assertThat(heap.neededBytes(100, 1000)).isEqualTo(100);
  }
}
