package org.backdraft.driver.sync;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.OwnedParameters;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.ShardPlan;
import org.backdraft.ps.ShardSnapshot;
import org.backdraft.ps.ShardSnapshot.BlockImage;
import org.backdraft.tensor.ParameterBlocks;

/**
 * What the optimizer keeps at a shard, as {@link KeptArrays}: read between two steps of a
 * bulk-synchronous table, and written before its first one.
 */
public final class ShardState {
  private final SharedTable table;
  private final ShardPlan plan;
  private final int shard;
  private final int parameters;
  private final KeptArrays state;

  /**
   * Takes memory for a copy.
   *
   * @param table that the shard is of
   * @param slots state arrays of the optimizer
   */
  public ShardState(SharedTable table, int shard, ParameterBlocks blocks, int slots) {
    this.table = table;
    plan = table.plan();
    this.shard = shard;
    parameters = table.layout().parameters();
    List<Integer> mine = mine();
    int[] begins = new int[mine.size()];
    int[] ends = new int[mine.size()];
    for (int i = 0; i < begins.length; i++) {
      begins[i] = Math.min(parameters, plan.begin(mine.get(i)));
      ends[i] = Math.min(parameters, plan.end(mine.get(i)));
    }
    OwnedParameters owned = new OwnedParameters(blocks, begins, ends);
    state = new KeptArrays(owned, new float[slots][owned.size()], 0, true);
  }

  private List<Integer> mine() {
    List<Integer> mine = new ArrayList<>();
    for (int block = 0; block < plan.blocks(); block++) {
      if (plan.owner(block) == shard) {
        mine.add(block);
      }
    }
    return mine;
  }

  /** The copy. */
  public KeptArrays state() {
    return state;
  }

  /**
   * Copies the state after so many steps, at which all ranks have arrived and which one has not
   * left.
   *
   * @throws IOException if the shard is not there yet when the time is over
   */
  public KeptArrays read(ParameterShard from, long steps, Duration timeout)
      throws IOException, InterruptedException {
    ShardSnapshot snapshot;
    try {
      snapshot = from.snapshotAt(steps, timeout);
    } catch (TimeoutException e) {
      throw new IOException("Shard %d cannot be saved: %s".formatted(shard, e.getMessage()), e);
    }
    for (BlockImage image : snapshot.blocks()) {
      int begin = plan.begin(image.block());
      int length = Math.min(parameters, plan.end(image.block())) - begin;
      for (int slot = 0; slot < state.arrays().length && length > 0; slot++) {
        state.put(slot, begin, Arrays.copyOf(image.state()[slot], length));
      }
    }
    return state;
  }

  /**
   * The shard as it was after so many steps, with the state that this holds.
   *
   * @param values of all parameters then
   */
  public ParameterShard restored(
      BlockOptimizer optimizer, Kernels kernels, float[] values, long steps) {
    return ParameterShard.restore(
        plan,
        shard,
        table.settings(),
        optimizer,
        kernels.matrix()::add,
        List.of(snapshot(values, steps, table.settings().workers())));
  }

  private ShardSnapshot snapshot(float[] values, long steps, int workers) {
    long[] clocks = new long[workers];
    Arrays.fill(clocks, steps);
    long[] lastClocks = new long[workers];
    Arrays.fill(lastClocks, steps - 1);
    List<BlockImage> images = new ArrayList<>();
    int packed = 0;
    for (int block : mine()) {
      int begin = plan.begin(block);
      int size = plan.end(block) - begin;
      int length = Math.max(0, Math.min(parameters, plan.end(block)) - begin);
      float[] blockValues = new float[size];
      float[][] blockState = new float[state.arrays().length][size];
      System.arraycopy(values, Math.min(begin, parameters), blockValues, 0, length);
      for (int slot = 0; slot < blockState.length; slot++) {
        System.arraycopy(state.arrays()[slot], packed, blockState[slot], 0, length);
      }
      packed += length;
      images.add(
          new BlockImage(
              block, steps, blockValues, blockState, lastClocks.clone(), new int[workers]));
    }
    return new ShardSnapshot(plan.epoch() - 1, steps, clocks, images);
  }
}
