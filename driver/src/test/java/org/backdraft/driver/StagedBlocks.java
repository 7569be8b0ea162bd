package org.backdraft.driver;

import java.io.IOException;
import org.backdraft.data.BlockStore;
import org.backdraft.data.RecordBlock;
import org.backdraft.driver.worker.BlockSource;
import org.backdraft.driver.worker.DataSpec;
import org.backdraft.driver.worker.WorkerTask;

/**
 * Blocks of which each is preceded by something that a test wants.
 *
 * @param blocks the real ones
 * @param before what happens before a block is given
 */
record StagedBlocks(BlockSource blocks, Scene before) implements BlockSource {
  /** What happens before a block is given. */
  interface Scene {
    /**
     * @param asked how many blocks this store was asked for before
     */
    void play(int asked) throws IOException;
  }

  @Override
  public BlockStore open(long cacheBytes) throws IOException {
    BlockStore store = blocks.open(cacheBytes);
    return new BlockStore() {
      private int asked;

      @Override
      public RecordBlock block(int index) throws IOException {
        before.play(asked++);
        return store.block(index);
      }

      @Override
      public void close() {
        store.close();
      }
    };
  }

  /** The same task, with training data that are given in that way. */
  static WorkerTask.Leased in(WorkerTask.Leased task, Scene scene) {
    return new WorkerTask.Leased(in(task.train(), scene), task.leases());
  }

  /** Likewise. */
  static WorkerTask.Train in(WorkerTask.Train t, Scene scene) {
    DataSpec d = t.training();
    DataSpec staged =
        new DataSpec(new StagedBlocks(d.blocks(), scene), d.plan(), d.decoder(), d.cacheBytes());
    return new WorkerTask.Train(
        t.gang(),
        t.model(),
        staged,
        t.validation(),
        t.course(),
        t.updates(),
        t.sync(),
        t.rate(),
        t.continuity(),
        t.health());
  }
}
