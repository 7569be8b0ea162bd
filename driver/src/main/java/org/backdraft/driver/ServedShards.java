package org.backdraft.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.ShardHost;
import org.backdraft.driver.worker.JvmId;
import org.backdraft.ps.ParameterShard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All shards, served in the driver's JVM until this is closed. */
final class ServedShards implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ServedShards.class);

  private final List<ShardHost> hosts = new ArrayList<>();
  private final List<PeerTable.Peer> places = new ArrayList<>();

  private ServedShards() {}

  /**
   * Serves the shards, each at its own port.
   *
   * @param shards in the order of their numbers
   */
  static ServedShards open(
      GangAddress gang, Cluster.Placement placement, List<ParameterShard> shards)
      throws IOException {
    ServedShards served = new ServedShards();
    try {
      for (ParameterShard shard : shards) {
        served.serve(gang, placement, shard);
      }
    } catch (IOException | RuntimeException e) {
      served.close();
      throw e;
    }
    LOG.info("The parameter server runs in the driver's JVM: {} shard(s).", shards.size());
    return served;
  }

  private void serve(GangAddress gang, Cluster.Placement placement, ParameterShard shard)
      throws IOException {
    ShardHost host =
        ShardHost.open(
            placement.bindHost(),
            placement.driverHost(),
            gang.credentials(),
            TransportSecurity.of(gang.tls()),
            hosts.size(),
            gang.worldSize());
    hosts.add(host);
    if (placement.driver().holdsWorkers()) {
      host.stayInside();
    }
    host.start(shard);
    places.add(new PeerTable.Peer(placement.driverHost(), host.port(), JvmId.value()));
  }

  /** Where workers reach the shards, by number. */
  List<PeerTable.Peer> places() {
    return places;
  }

  /** Closes the channels of a worker that is lost. */
  void disconnect(int rank) {
    for (ShardHost host : hosts) {
      host.disconnect(rank);
    }
  }

  @Override
  public void close() {
    for (ShardHost host : hosts) {
      host.close();
    }
  }
}
