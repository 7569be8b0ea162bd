package org.backdraft.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.backdraft.image.Augmentation;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BatchLoaderTest {
  private static final Kernels KERNELS = KernelLookup.choose().kernels();
  private static final Shape SHAPE = Shape.of(1, 2, 3);
  private static final ActivationLayout LAYOUT = ActivationLayout.dense(SHAPE);
  private static final Decoder DECODER = new Decoder(SHAPE, new float[] {1}, new float[] {0});
  private static final Duration SOON = Duration.ofSeconds(30);

  /** Blocks whose record of example i holds bytes i, i + 1 … and the label i mod 10. */
  private static final class CountingStore implements BlockStore {
    final AtomicInteger asked = new AtomicInteger();
    private final BlockPlan plan;

    CountingStore(BlockPlan plan) {
      this.plan = plan;
    }

    @Override
    public RecordBlock block(int index) throws IOException {
      asked.incrementAndGet();
      int size = plan.end(index) - plan.begin(index);
      int[] labels = new int[size];
      byte[] bytes = new byte[size * SHAPE.elements()];
      for (int i = 0; i < size; i++) {
        int id = plan.begin(index) + i;
        labels[i] = id % 10;
        for (int j = 0; j < SHAPE.elements(); j++) {
          bytes[i * SHAPE.elements() + j] = (byte) (id + j);
        }
      }
      return RecordBlock.ofEqualRecords(plan.begin(index), labels, bytes);
    }

    @Override
    public void close() {}
  }

  private static BatchLoader loader(BlockStore store, BlockPlan plan, int capacity) {
    return new BatchLoader(store, plan, DECODER, KERNELS, LAYOUT, capacity);
  }

  private static void check(Batch batch) {
    for (int i = 0; i < batch.size(); i++) {
      int id = (int) batch.exampleIds()[i];
      assertThat(batch.labels()[i]).isEqualTo(id % 10);
      for (int j = 0; j < SHAPE.elements(); j++) {
        assertThat(batch.inputs()[i * LAYOUT.size() + j]).isEqualTo((id + j) & 0xff);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "97, 32, 8, 1, 7", "97, 32, 8, 2, 7", "97, 32, 8, 3, 1", "97, 32, 8, 4, 97", "97, 32, 8, 5, 13",
    "1, 1, 8, 5, 1", "100, 100, 16, 3, 9", "101, 10, 8, 5, 4", "33, 16, 32, 5, 8", "64, 16, 1, 1, 5"
  })
  void everyExampleIsVisitedOnceInTheOrderOfTheEpoch(
      int examples, int globalBatch, int leafCount, int ranks, int perBlock) throws Exception {
    BlockPlan plan = new BlockPlan(examples, perBlock);
    Leaves leaves = new Leaves(leafCount);
    int[] order = EpochOrder.of(5, 2, examples, true);
    int steps = (examples + globalBatch - 1) / globalBatch;
    List<List<Long>> visited = new ArrayList<>();
    for (int step = 0; step < steps; step++) {
      visited.add(new ArrayList<>());
    }
    for (int rank = 0; rank < ranks; rank++) {
      CountingStore store = new CountingStore(plan);
      try (BatchLoader loader = loader(store, plan, globalBatch)) {
        loader.startEpoch(0, order, globalBatch, leaves, leaves.rangeOf(rank, ranks), 0);
        for (int step = 0; step < steps; step++) {
          Batch batch = loader.next(SOON);
          assertThat(batch.globalSize())
              .isEqualTo(Math.min(globalBatch, examples - step * globalBatch));
          check(batch);
          for (int i = 0; i < batch.size(); i++) {
            visited.get(step).add(batch.exampleIds()[i]);
          }
          loader.release(batch);
        }
        assertThat(loader.next(SOON)).isNull();
        assertThat(loader.next(SOON)).isNull();
      }
      assertThat(store.asked.get()).isLessThanOrEqualTo(steps * plan.blocks());
    }
    List<Long> all = new ArrayList<>();
    visited.forEach(all::addAll);
    // Leaves are contiguous runs by rank, so the ranks' parts in turn are the epoch's order.
    assertThat(all).hasSize(examples);
    for (int i = 0; i < examples; i++) {
      assertThat(all.get(i)).isEqualTo(order[i]);
    }
  }

  @Test
  void anExampleIsChangedAlikeInEveryBatchOfAnEpochAndNotInARange() throws Exception {
    BlockPlan plan = new BlockPlan(40, 7);
    Decoder changing = DECODER.augmented(Augmentation.parse("flip crop:1"), 3);
    int[] order = EpochOrder.of(5, 0, 40, true);
    float[][] inputs = new float[2][40 * LAYOUT.size()];
    for (int way = 0; way < 2; way++) {
      try (BatchLoader loader =
          new BatchLoader(new CountingStore(plan), plan, changing, KERNELS, LAYOUT, 8)) {
        loader.startEpoch(1, order, 5 + way * 3, new Leaves(1), new LeafRange(0, 1), 0);
        for (Batch batch = loader.next(SOON); batch != null; batch = loader.next(SOON)) {
          for (int i = 0; i < batch.size(); i++) {
            System.arraycopy(
                batch.inputs(),
                i * LAYOUT.size(),
                inputs[way],
                (int) batch.exampleIds()[i] * LAYOUT.size(),
                LAYOUT.size());
            assertThat(batch.labels()[i]).isEqualTo((int) batch.exampleIds()[i] % 10);
          }
          loader.release(batch);
        }
        loader.startRange(0, 8);
        Batch batch = loader.next(SOON);
        check(batch);
        loader.release(batch);
      }
    }
    assertThat(inputs[0]).isEqualTo(inputs[1]);
    assertThat(inputs[0][0 * LAYOUT.size()] == 0 && inputs[0][7 * LAYOUT.size()] == 7).isFalse();
  }

  @Test
  void vectorsCannotBeAugmented() {
    Decoder vectors = new Decoder(Shape.of(6), new float[] {1}, new float[] {0});
    assertThatThrownBy(() -> vectors.augmented(Augmentation.parse("flip"), 1))
        .hasMessageContaining("data.augment needs images (channels, h, w): examples are (6).");
  }

  @Test
  void anEpochCanStartInItsMiddle() throws Exception {
    BlockPlan plan = new BlockPlan(50, 7);
    int[] order = EpochOrder.of(1, 0, 50, true);
    try (BatchLoader loader = loader(new CountingStore(plan), plan, 8)) {
      loader.startEpoch(0, order, 8, new Leaves(1), new LeafRange(0, 1), 5);
      Batch batch = loader.next(SOON);
      assertThat(batch.exampleIds()[0]).isEqualTo(order[40]);
      assertThat(batch.size()).isEqualTo(8);
      loader.release(batch);
      Batch last = loader.next(SOON);
      assertThat(last.size()).isEqualTo(2);
      loader.release(last);
      assertThat(loader.next(SOON)).isNull();
      loader.startEpoch(0, order, 8, new Leaves(1), new LeafRange(0, 1), 7);
      assertThat(loader.next(SOON)).isNull();
    }
  }

  @Test
  void aRangeComesInSourceOrderInBatchesOfTheCapacity() throws Exception {
    BlockPlan plan = new BlockPlan(50, 7);
    try (BatchLoader loader = loader(new CountingStore(plan), plan, 8)) {
      loader.startRange(3, 30);
      long id = 3;
      for (int size : new int[] {8, 8, 8, 3}) {
        Batch batch = loader.next(SOON);
        check(batch);
        assertThat(batch.size()).isEqualTo(size);
        assertThat(batch.globalSize()).isEqualTo(size);
        for (int i = 0; i < size; i++) {
          assertThat(batch.exampleIds()[i]).isEqualTo(id++);
        }
        loader.release(batch);
      }
      assertThat(loader.next(SOON)).isNull();
      loader.startRange(20, 20);
      assertThat(loader.next(SOON)).isNull();
    }
  }

  @Test
  void whatIsFedComesInItsOrder() throws Exception {
    BlockPlan plan = new BlockPlan(50, 7);
    int[] order = EpochOrder.of(3, 0, 50, true);
    try (BatchLoader loader = loader(new CountingStore(plan), plan, 8)) {
      BatchFeed feed = loader.startFeed();
      feed.add(0, order, 10, 18);
      feed.add(0, order, 3, 5);
      for (int[] expected : new int[][] {{10, 18}, {3, 5}, {0, 8}}) {
        if (expected[0] == 0) {
          feed.add(0, order, 0, 8); // while the loader waits
        }
        Batch batch = loader.next(SOON);
        check(batch);
        assertThat(batch.size()).isEqualTo(expected[1] - expected[0]);
        assertThat(batch.globalSize()).isEqualTo(batch.size());
        for (int i = 0; i < batch.size(); i++) {
          assertThat(batch.exampleIds()[i]).isEqualTo(order[expected[0] + i]);
        }
        loader.release(batch);
      }
      assertThatThrownBy(() -> feed.add(0, order, 0, 9))
          .isInstanceOf(IllegalArgumentException.class);
      loader.startRange(0, 5); // ends the feed, though the loader waits for it
      assertThat(loader.next(SOON).size()).isEqualTo(5);
    }
  }

  @Test
  void aNewPassEndsTheOneBefore() throws Exception {
    BlockPlan plan = new BlockPlan(5000, 7);
    try (BatchLoader loader = loader(new CountingStore(plan), plan, 8)) {
      loader.startRange(0, 5000);
      Batch kept = loader.next(SOON);
      for (int round = 0; round < 50; round++) {
        loader.startRange(100 + round, 5000);
        Batch batch = loader.next(SOON);
        assertThat(batch.exampleIds()[0]).isEqualTo(100 + round);
        loader.release(batch);
      }
      loader.release(kept);
      loader.startRange(4990, 5000);
      Batch first = loader.next(SOON);
      Batch second = loader.next(SOON);
      assertThat(second.exampleIds()[0]).isEqualTo(4998);
      assertThat(first.exampleIds()[0]).isEqualTo(4990);
    }
  }

  @Test
  void whatReadingMeetsReachesTheCaller() throws Exception {
    BlockPlan plan = new BlockPlan(50, 7);
    CountingStore good = new CountingStore(plan);
    BlockStore store =
        new BlockStore() {
          @Override
          public RecordBlock block(int index) throws IOException {
            if (index == 3) {
              throw new DataException("block 3 is gone");
            }
            return good.block(index);
          }

          @Override
          public void close() {}
        };
    try (BatchLoader loader = loader(store, plan, 7)) {
      loader.startRange(7, 50);
      loader.release(loader.next(SOON));
      loader.release(loader.next(SOON));
      assertThatThrownBy(() -> loader.next(SOON))
          .isInstanceOf(DataException.class)
          .hasMessage("block 3 is gone");
      loader.startRange(28, 35);
      assertThat(loader.next(SOON).size()).isEqualTo(7);
    }
  }

  @Test
  void aStoreThatDoesNotAnswerIsNamedInTime() throws Exception {
    BlockPlan plan = new BlockPlan(50, 7);
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch never = new CountDownLatch(1);
    BlockStore store =
        new BlockStore() {
          @Override
          public RecordBlock block(int index) throws IOException {
            asked.countDown();
            try {
              never.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
            throw new IOException("interrupted");
          }

          @Override
          public void close() {}
        };
    try (BatchLoader loader = loader(store, plan, 7)) {
      loader.startRange(14, 50);
      assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
      assertThatThrownBy(() -> loader.next(Duration.ofMillis(1)))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("PT0.001S")
          .hasMessageContaining("record block 2 of 8");
    }
  }

  @Test
  void misuseIsRefused() throws Exception {
    BlockPlan plan = new BlockPlan(50, 7);
    BatchLoader loader = loader(new CountingStore(plan), plan, 8);
    assertThatThrownBy(() -> loader.next(SOON)).isInstanceOf(IllegalStateException.class);
    int[] order = EpochOrder.of(1, 0, 50, false);
    assertThatThrownBy(() -> loader.startEpoch(0, order, 51, new Leaves(1), new LeafRange(0, 1), 0))
        .hasMessage("data.batch must lie in [1, 50], the number of examples: got 51.");
    assertThatThrownBy(() -> loader.startEpoch(0, order, 9, new Leaves(1), new LeafRange(0, 1), 0))
        .hasMessageContaining("hold 8 examples");
    assertThatThrownBy(() -> loader.startRange(0, 51)).hasMessageContaining("[0, 51)");
    loader.startRange(0, 50);
    Batch batch = loader.next(SOON);
    loader.release(batch);
    assertThatThrownBy(() -> loader.release(batch)).isInstanceOf(IllegalArgumentException.class);
    loader.next(SOON);
    loader.next(SOON);
    loader.next(SOON);
    assertThatThrownBy(() -> loader.next(SOON)).hasMessageContaining("release one first");
    loader.close();
    assertThatThrownBy(() -> loader.next(SOON)).hasMessageContaining("closed");
    assertThatThrownBy(
            () ->
                new BatchLoader(
                    new CountingStore(plan),
                    plan,
                    DECODER,
                    KERNELS,
                    ActivationLayout.dense(Shape.of(1, 3, 2)),
                    8))
        .hasMessageContaining("(1, 2, 3): got (1, 3, 2)");
  }
}
