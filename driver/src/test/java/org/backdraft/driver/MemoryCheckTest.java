package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.init.Initializer;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;

class MemoryCheckTest {
  private static final Network WIDE =
      Network.named("wide", Shape.of(1, 100, 100))
          .add("flatten", new Flatten())
          .add("fc1", Linear.of(5000))
          .add("fc2", Linear.of(10))
          .build();

  private static void check(int workersPerJvm, long heapMegabytes) {
    ModelSpec model =
        new ModelSpec(
            WIDE,
            Loss.SOFTMAX_CROSS_ENTROPY,
            new Leaves(4),
            64,
            1,
            1,
            new ModelSpec.Start(false, Initializer.HE, 1));
    Cluster.Placement placement =
        new Cluster.Placement(
            2, 1, "test", "here", "here", workersPerJvm, heapMegabytes << 20, "-Xmx");
    MemoryCheck.check(model, 1000, 1 << 20, placement, GangSetup.kernels());
  }

  @Test
  void aHeapThatIsTooSmallIsRefusedWithTheOptionToSet() {
    assertThatThrownBy(() -> check(1, 400))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("400 MB")
        .hasMessageContaining("-Xmx")
        .hasMessageContaining("'wide'");
  }

  @Test
  void aHeapThatIsLargeEnoughForOneWorkerMayBeTooSmallForTwo() {
    assertThatCode(() -> check(1, 1400)).doesNotThrowAnyException();
    assertThatThrownBy(() -> check(2, 1400)).hasMessageContaining("2 worker(s)");
  }
}
