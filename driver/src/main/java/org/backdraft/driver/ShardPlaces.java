package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.ShardOptimizer;
import org.backdraft.driver.sync.ShardState;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.backdraft.ps.ParameterShard;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Where the shards of an attempt are: beside the workers, or here, in which case this serves them
 * until it is closed. None without a parameter server.
 */
final class ShardPlaces implements PeerTable.Shards, AutoCloseable {
  private final int besideWorkers;
  private final Optional<ServedShards> served;
  private final List<Held> held;
  private final Duration timeout; // of copying

  /** A shard that is here, with memory for a copy of its state. */
  private record Held(ParameterShard shard, ShardState state) {}

  private ShardPlaces(
      int besideWorkers, Optional<ServedShards> served, List<Held> held, Duration timeout) {
    this.besideWorkers = besideWorkers;
    this.served = served;
    this.held = held;
    this.timeout = timeout;
  }

  /**
   * Opens what is to be here.
   *
   * @param start what training starts from
   */
  static ShardPlaces open(
      WorkerTask.Train task, Cluster.Placement placement, Kernels kernels, StartState start)
      throws IOException {
    SyncSpec sync = task.sync();
    GangAddress gang = task.gang();
    Duration timeout = Duration.ofMillis(gang.stepTimeoutMillis());
    if (sync.placement() == SyncSpec.Placement.EXECUTORS) {
      return new ShardPlaces(sync.shards(), Optional.empty(), List.of(), timeout);
    }
    SharedTable table =
        SharedTable.of(task.model().network(), task.model().leaves(), sync, gang.worldSize());
    ShardOptimizer optimizer = task.shardOptimizer(kernels);
    float[] parameters = firstParameters(task, start.weights());
    ParameterBlocks blocks = new ParameterBlocks(task.model().network().parameterTable());
    List<Held> held = new ArrayList<>();
    for (int number = 0; number < sync.shards(); number++) {
      ShardState state = new ShardState(table, number, blocks, optimizer.stateSlots());
      ParameterShard shard;
      if (task.continuity().goesOn()) {
        state.state().takeFrom(start.slots());
        shard = state.restored(optimizer, kernels, parameters, task.stepsBefore());
      } else {
        shard = table.shard(number, optimizer, kernels, parameters);
      }
      held.add(new Held(shard, state));
    }
    List<ParameterShard> shards = held.stream().map(Held::shard).toList();
    return new ShardPlaces(
        0, Optional.of(ServedShards.open(gang, placement, shards)), held, timeout);
  }

  /**
   * Copies what the shards here keep.
   *
   * @param steps after which all ranks have arrived, and one waits
   * @param slots the arrays of the state
   */
  void copyState(long steps, float[][] slots) throws IOException, InterruptedException {
    for (Held each : held) {
      each.state().read(each.shard(), steps, timeout).copyTo(slots);
    }
  }

  /** As the workers have them. */
  private static float[] firstParameters(WorkerTask.Train task, Optional<Weights> weights) {
    if (weights.isPresent()) {
      return weights.get().parameters();
    }
    float[] parameters = new float[task.model().network().parameterTable().size()];
    task.model().start().drawParameters(task.model().network(), parameters);
    return parameters;
  }

  @Override
  public List<PeerTable.Peer> of(List<PeerTable.Peer> ranks) {
    return served.map(ServedShards::places).orElse(ranks.subList(0, besideWorkers));
  }

  @Override
  public void close() {
    served.ifPresent(ServedShards::close);
  }
}
