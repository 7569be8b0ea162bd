package org.backdraft.driver;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.ps.ShardPlan;
import org.backdraft.ps.ShardSnapshot;
import org.backdraft.ps.ShardSnapshot.BlockImage;

/**
 * The table of a run by leases as its training's state has it: filled block by block while nobody
 * trains, and made into blocks again. Used by one thread.
 */
final class TableState {
  private final ReductionLayout layout;
  private final ShardPlan plan;
  private final Weights weights;
  private final float[][] slots;
  private final long[] updates; // by block

  /**
   * The elements that a block has of an array of the state.
   *
   * @param inBlock the first of them in the block
   * @param inArray the same in the array
   */
  private record Piece(int inBlock, int inArray, int length) {
    void toArray(float[] block, float[] array) {
      System.arraycopy(block, inBlock, array, inArray, length);
    }

    void toBlock(float[] array, float[] block) {
      System.arraycopy(array, inArray, block, inBlock, length);
    }
  }

  /**
   * Before the first update.
   *
   * @param weights parameters, and the buffers that the table has in place of statistics
   * @param slots the optimizer's arrays at the offsets of the parameter table; none where its state
   *     is not wanted
   */
  TableState(SharedTable table, Weights weights, float[][] slots) {
    layout = table.layout();
    plan = table.plan();
    this.weights = weights;
    this.slots = slots;
    updates = new long[plan.blocks()];
  }

  /**
   * Where a checkpoint was. To one of workers that took every step together each step was an
   * update.
   *
   * @throws ConfigurationException if its table was cut into other blocks
   */
  static TableState of(SharedTable table, GangState state) {
    TableState of = new TableState(table, state.weights(), state.slots());
    List<Long> known = state.counts().leases.updates();
    if (known.isEmpty()) {
      Arrays.fill(of.updates, state.counts().steps);
      return of;
    }
    ConfigurationException.require(
        known.size() == of.updates.length,
        "A checkpoint must tell the updates of the table's %d blocks: it tells those of %d. Begin"
            + " another run from its model.safetensors by --init-weights.",
        of.updates.length,
        known.size());
    Arrays.setAll(of.updates, known::get);
    return of;
  }

  /** Copies a block. */
  void take(BlockImage image) {
    updates[image.block()] = image.updates();
    Piece parameters = parameters(image.block());
    parameters.toArray(image.values(), weights.parameters());
    statistics(image.block()).toArray(image.values(), weights.buffers());
    for (int slot = 0; slot < slots.length; slot++) {
      parameters.toArray(image.state()[slot], slots[slot]);
    }
  }

  /** By block: how many updates it has had. */
  List<Long> updates() {
    return LongStream.of(updates).boxed().toList();
  }

  /**
   * All blocks, for workers that have pushed nothing yet.
   *
   * @param workers of the run
   */
  ShardSnapshot snapshot(int workers) {
    long[] nothing = new long[workers];
    Arrays.fill(nothing, -1);
    List<BlockImage> images = new ArrayList<>();
    for (int block = 0; block < updates.length; block++) {
      int length = plan.end(block) - plan.begin(block);
      Piece parameters = parameters(block);
      float[] values = new float[length];
      parameters.toBlock(weights.parameters(), values);
      statistics(block).toBlock(weights.buffers(), values);
      float[][] state = new float[slots.length][length];
      for (int slot = 0; slot < slots.length; slot++) {
        parameters.toBlock(slots[slot], state[slot]);
      }
      images.add(
          new BlockImage(block, updates[block], values, state, nothing.clone(), new int[workers]));
    }
    return new ShardSnapshot(plan.epoch() - 1, 0, new long[workers], images);
  }

  private Piece parameters(int block) {
    return piece(block, 0, layout.parameters());
  }

  private Piece statistics(int block) {
    int begin = layout.statisticsBegin();
    return piece(block, begin, begin + layout.statistics());
  }

  /** What the block has of the table's elements from {@code begin} to {@code end}. */
  private Piece piece(int block, int begin, int end) {
    int first = Math.max(plan.begin(block), begin);
    int last = Math.min(plan.end(block), end);
    return first < last
        ? new Piece(first - plan.begin(block), first - begin, last - first)
        : new Piece(0, 0, 0);
  }
}
