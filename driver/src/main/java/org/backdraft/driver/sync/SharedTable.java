package org.backdraft.driver.sync;

import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.plan.ReductionLayout;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.RowRange;
import org.backdraft.ps.ShardPlan;
import org.backdraft.ps.ShardSettings;
import org.backdraft.tensor.ParameterBlocks;
import org.backdraft.tensor.ParameterSpec;
import org.backdraft.tensor.ParameterTable;

/**
 * The table of a run as all its shards and workers know it: one element for each of the {@link
 * ReductionLayout}. What is pushed are a step's sums, or a lease's. What is pulled are, in place of
 * gradients, the updated parameters, and behind them with {@code bsp} the sums of statistics, loss
 * and counts themselves, else the running statistics.
 *
 * <p>A function of the configuration alone; so is how it is cut into blocks, but for their dealing
 * to shards.
 *
 * @param layout of the elements
 * @param plan which shard owns what
 * @param settings of all shards
 */
public record SharedTable(ReductionLayout layout, ShardPlan plan, ShardSettings settings) {
  /** About how many blocks a table has at least, so that shards can be of about one size. */
  private static final int BLOCKS = 64;

  /** What is under way to one shard, twice: as sums and as a message. */
  private static final long CLIENT_BYTES = 8L << 20;

  /**
   * The table of a network.
   *
   * @param sync of the strategy {@code PARAMETER_SERVER}
   * @param workers that push and pull
   */
  public static SharedTable of(Network network, Leaves leaves, SyncSpec sync, int workers) {
    ReductionLayout layout = ReductionLayout.of(network);
    ParameterTable parameters = network.parameterTable();
    int blockSize =
        Math.min(ShardPlan.DEFAULT_BLOCK, Math.max(ParameterBlocks.SIZE, layout.size() / BLOCKS));
    ShardPlan plan =
        ShardPlan.of(
                0,
                sync.shards(),
                layout.size(),
                blockSize,
                BlockBorders.of(new ParameterBlocks(parameters)))
            .withRows(rows(parameters));
    return new SharedTable(
        layout,
        plan,
        new ShardSettings(
            sync.consistency(),
            workers,
            leaves,
            sync.isLeased() ? LeaseOptimizer.Totals.COUNT : StepTotals.COUNT,
            ShardSettings.DEFAULT_PENDING_BYTES));
  }

  /** The embeddings, whose gradients are 0 in all rows that a worker's examples do not use. */
  private static List<RowRange> rows(ParameterTable parameters) {
    return parameters.entries().stream()
        .filter(entry -> entry.spec().role() == ParameterSpec.Role.EMBEDDING)
        .map(entry -> new RowRange(entry.begin(), entry.end(), entry.spec().shape().dim(1)))
        .toList();
  }

  /** The plan of the table's life of that number, over as many shards. */
  public ShardPlan planOf(int epoch) {
    return epoch == plan.epoch() ? plan : plan.next(epoch, plan.shards());
  }

  /**
   * A shard at its start.
   *
   * @param parameters first values
   */
  public ParameterShard shard(
      int shard, BlockOptimizer optimizer, Kernels kernels, float[] parameters) {
    float[] start = new float[layout.size()];
    System.arraycopy(parameters, 0, start, 0, layout.parameters());
    return new ParameterShard(plan, shard, settings, optimizer, kernels.matrix()::add, start);
  }

  /**
   * What the largest shard takes: values, state, the pushes that wait, and one message for each
   * worker.
   *
   * @param slots state arrays of the optimiser
   */
  public long shardBytes(int slots) {
    long elements = 0;
    for (int shard = 0; shard < plan.shards(); shard++) {
      elements = Math.max(elements, plan.load(shard));
    }
    long block = 0;
    for (int i = 0; i < plan.blocks(); i++) {
      block = Math.max(block, plan.end(i) - plan.begin(i));
    }
    long pending =
        Math.min(nodes() * elements, settings.maxPendingBytes() / Float.BYTES + nodes() * block);
    long messages = 2L * settings.workers() * block;
    return Float.BYTES * ((1L + slots) * elements + pending + messages);
  }

  /** What a worker takes beside its replica: the pulled table and messages on their way. */
  public long clientBytes() {
    return Float.BYTES * (long) layout.size() + (long) plan.shards() * CLIENT_BYTES;
  }

  private long nodes() {
    long nodes = 0;
    for (int worker = 0; worker < settings.workers(); worker++) {
      LeafRange range = settings.leaves().rangeOf(worker, settings.workers());
      nodes += range.subtrees().size();
    }
    return nodes;
  }
}
