package org.backdraft.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.ShardOptimizer;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.backdraft.ps.ParameterShard;

/**
 * Where the shards of an attempt are: beside the workers, or here, in which case this serves them
 * until it is closed. None without a parameter server.
 */
final class ShardPlaces implements PeerTable.Shards, AutoCloseable {
  private final int besideWorkers;
  private final Optional<ServedShards> served;

  private ShardPlaces(int besideWorkers, Optional<ServedShards> served) {
    this.besideWorkers = besideWorkers;
    this.served = served;
  }

  /**
   * Opens what is to be here.
   *
   * @param weights that training starts with, empty where they are drawn from the seed
   */
  static ShardPlaces open(
      WorkerTask.Train task,
      Cluster.Placement placement,
      Kernels kernels,
      Optional<Weights> weights)
      throws IOException {
    SyncSpec sync = task.sync();
    if (sync.placement() == SyncSpec.Placement.EXECUTORS) {
      return new ShardPlaces(sync.shards(), Optional.empty());
    }
    GangAddress gang = task.gang();
    SharedTable table =
        SharedTable.of(task.model().network(), task.model().leaves(), sync, gang.worldSize());
    ShardOptimizer optimizer = task.shardOptimizer(kernels);
    float[] parameters = firstParameters(task, weights);
    List<ParameterShard> shards = new ArrayList<>();
    for (int number = 0; number < sync.shards(); number++) {
      shards.add(table.shard(number, optimizer, kernels, parameters));
    }
    return new ShardPlaces(0, Optional.of(ServedShards.open(gang, placement, shards)));
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
