package org.backdraft.ps;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.TreeSum;
import org.backdraft.tensor.ParameterBlocks;

/**
 * {@code bsp}: a block's pushes of one clock, a sum for every node of the leaf tree that a worker
 * holds, are kept until all have come, then added in the order of the tree and applied once: the
 * bits of {@link org.backdraft.comm.algorithm.ExactAllReduce}, in whatever order they come. A pull
 * for clock c waits until c updates are done.
 *
 * <p>An optimizer with rounds is applied when the last one has made known what it needs: until then
 * a block keeps its sum.
 *
 * <p><b>Memory</b>: what waits to be summed, at most {@link ShardSettings#maxPendingBytes} and the
 * nodes of one block, for what completes the first open block is always taken; with rounds the sum
 * of every block besides.
 */
final class TreeUpdates implements UpdateRule {
  private static final long BUSY_MILLIS = 5;

  /** Who leads rounds; see {@link ParameterClient#settle}. */
  private static final int LEADER = 0;

  private final ShardSettings settings;
  private final ShardBlocks blocks;
  private final BlockOptimizer optimizer;
  private final Adder adder;
  private final int[] firstNode; // by worker
  private final List<TreeSum.Addition> additions;
  private final List<double[]> known = new ArrayList<>(); // by round of the step under way
  private long pendingBytes;
  private long mostPendingBytes;
  private long duplicates;

  TreeUpdates(ShardSettings settings, ShardBlocks blocks, BlockOptimizer optimizer, Adder adder) {
    this.settings = settings;
    this.blocks = blocks;
    this.optimizer = optimizer;
    this.adder = adder;
    firstNode = new int[settings.workers() + 1];
    List<LeafRange> nodes = new ArrayList<>();
    for (int worker = 0; worker < settings.workers(); worker++) {
      nodes.addAll(settings.subtrees(worker));
      firstNode[worker + 1] = nodes.size();
    }
    additions = TreeSum.plan(settings.leaves(), nodes);
  }

  @Override
  public Answer push(Push push, ShardedBlock block) {
    if (push.clock() < block.updates || (push.clock() == block.updates && block.isSummed)) {
      duplicates++;
      return Answer.ACCEPTED;
    }
    int node = firstNode[push.worker()] + push.sequence();
    if (push.clock() > block.updates
        || push.sequence() < 0
        || node >= firstNode[push.worker() + 1]) {
      return Answer.refused(
          "Worker %d must push node [0, %d) of clock %d: got node %d of clock %d."
              .formatted(
                  push.worker(),
                  firstNode[push.worker() + 1] - firstNode[push.worker()],
                  block.updates,
                  push.sequence(),
                  push.clock()));
    }
    if (block.nodes[node] != null) {
      duplicates++;
      return Answer.ACCEPTED;
    }
    long bytes = block.values.length * (long) Float.BYTES;
    if (pendingBytes + bytes > settings.maxPendingBytes()) {
      ShardedBlock open = firstOpen();
      if (block != open) {
        return Answer.busy(BUSY_MILLIS, missing(open));
      }
    }
    block.nodes[node] = push.values();
    block.totals[node] = push.totals();
    block.filled++;
    pendingBytes += bytes;
    mostPendingBytes = Math.max(mostPendingBytes, pendingBytes);
    if (block.filled == block.nodes.length) {
      complete(block);
      pendingBytes -= bytes * block.nodes.length;
    }
    return Answer.ACCEPTED;
  }

  /** The block whose sum is the oldest one that is missing: it may always be completed. */
  private ShardedBlock firstOpen() {
    ShardedBlock first = null;
    for (ShardedBlock block : blocks.all()) {
      if (!block.isSummed && (first == null || block.updates < first.updates)) {
        first = block;
      }
    }
    return first;
  }

  private void complete(ShardedBlock block) {
    int length = block.values.length;
    for (int at = 0; at < length; at += ParameterBlocks.SIZE) {
      int count = Math.min(ParameterBlocks.SIZE, length - at);
      for (TreeSum.Addition each : additions) {
        adder.add(block.nodes[each.target()], at, block.nodes[each.source()], at, count);
      }
    }
    for (TreeSum.Addition each : additions) {
      for (int i = 0; i < settings.totals(); i++) {
        block.totals[each.target()][i] += block.totals[each.source()][i];
      }
    }
    if (optimizer.rounds() == 0) {
      apply(block);
    } else {
      block.keepSum();
      measure(block, 0);
    }
  }

  private BlockOptimizer.Block arrays(ShardedBlock block) {
    return new BlockOptimizer.Block(
        block.begin, block.values, block.nodes[0], block.state, List.copyOf(known));
  }

  private void measure(ShardedBlock block, int round) {
    block.measures = optimizer.measure(round, arrays(block), block.totals[0], block.updates + 1);
  }

  private void apply(ShardedBlock block) {
    optimizer.update(arrays(block), 0, block.values.length, block.totals[0], block.updates + 1);
    block.updates++;
    block.clearNodes();
  }

  @Override
  public boolean isMeasured(ShardedBlock block, long clock, int round) {
    return block.updates == clock && block.isSummed && known.size() == round;
  }

  @Override
  public Answer settle(long clock, int round, double[] numbers) {
    if (blocks.all().isEmpty()) {
      return Answer.ACCEPTED;
    }
    for (ShardedBlock block : blocks.all()) {
      if (block.updates > clock || (block.updates == clock && round < known.size())) {
        return Answer.ACCEPTED; // it came before
      }
      if (!isMeasured(block, clock, round)) {
        return Answer.refused(
            "Round %d of clock %d must be settled when all blocks are measured: block %d is at clock %d, round %d%s."
                .formatted(
                    round,
                    clock,
                    block.number,
                    block.updates,
                    known.size(),
                    block.isSummed ? "" : ", not summed"));
      }
    }
    known.add(numbers);
    boolean isLast = known.size() == optimizer.rounds();
    for (ShardedBlock block : blocks.all()) {
      if (isLast) {
        apply(block);
      } else {
        measure(block, known.size());
      }
    }
    if (isLast) {
      known.clear();
    }
    return Answer.ACCEPTED;
  }

  @Override
  public boolean isReady(ShardedBlock block, long clock) {
    return block.updates >= clock;
  }

  @Override
  public Answer notYet(ShardedBlock block) {
    if (block.isSummed) {
      return Answer.notYet(LEADER, block.updates);
    }
    return Answer.notYet(missing(block), block.updates);
  }

  /** A worker whose push of a block has not come, −1 if all have. */
  private int missing(ShardedBlock block) {
    for (int worker = 0; worker < settings.workers(); worker++) {
      for (int node = firstNode[worker]; node < firstNode[worker + 1]; node++) {
        if (block.nodes[node] == null) {
          return worker;
        }
      }
    }
    return -1;
  }

  @Override
  public boolean isAt(ShardedBlock block, long clock) {
    // Measuring may have moved the state on.
    return block.updates == clock && !block.isSummed;
  }

  @Override
  public long reached() {
    long most = 0;
    for (ShardedBlock block : blocks.all()) {
      most = Math.max(most, block.updates + (block.isSummed ? 1 : 0));
    }
    return most;
  }

  @Override
  public boolean isOpen(long clock) {
    return clock >= reached();
  }

  @Override
  public long resumesAt(int worker, long clock) {
    return blocks.all().stream().mapToLong(block -> block.updates).min().orElse(0);
  }

  @Override
  public long duplicates() {
    return duplicates;
  }

  @Override
  public long mostPendingBytes() {
    return mostPendingBytes;
  }
}
