package org.backdraft.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.ShardHost;
import org.backdraft.driver.sync.ShardOptimizer;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.worker.JvmId;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the shards of an attempt are: beside the workers, or here, in which case this serves them
 * until it is closed. None without a parameter server.
 */
final class ShardPlaces implements PeerTable.Shards, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardPlaces.class);

  private final int besideWorkers;
  private final List<ShardHost> hosts = new ArrayList<>();
  private final List<PeerTable.Peer> places = new ArrayList<>();

  private ShardPlaces(int besideWorkers) {
    this.besideWorkers = besideWorkers;
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
      return new ShardPlaces(sync.shards());
    }
    ShardPlaces here = new ShardPlaces(0);
    try {
      here.serve(task, placement, kernels, firstParameters(task, weights));
    } catch (IOException | RuntimeException e) {
      here.close();
      throw e;
    }
    return here;
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

  private void serve(
      WorkerTask.Train task, Cluster.Placement placement, Kernels kernels, float[] parameters)
      throws IOException {
    int workers = task.gang().worldSize();
    Credentials credentials = task.gang().credentials();
    SharedTable table =
        SharedTable.of(task.model().network(), task.model().leaves(), task.sync(), workers);
    ShardOptimizer optimizer = task.shardOptimizer(kernels);
    for (int shard = 0; shard < task.sync().shards(); shard++) {
      ShardHost host =
          ShardHost.open(
              placement.bindHost(),
              placement.driverHost(),
              credentials,
              TransportSecurity.of(task.gang().tls()),
              shard,
              workers);
      hosts.add(host);
      if (placement.driver().holdsWorkers()) {
        host.stayInside();
      }
      host.start(table.shard(shard, optimizer, kernels, parameters));
      places.add(new PeerTable.Peer(placement.driverHost(), host.port(), JvmId.value()));
    }
    LOG.info(
        "The parameter server runs in the driver's JVM: {} shard(s) of {} elements in all, with {}.",
        hosts.size(),
        table.plan().size(),
        task.updates().optimizer().name());
  }

  @Override
  public List<PeerTable.Peer> of(List<PeerTable.Peer> ranks) {
    return hosts.isEmpty() ? ranks.subList(0, besideWorkers) : places;
  }

  @Override
  public void close() {
    for (ShardHost host : hosts) {
      host.close();
    }
  }
}
