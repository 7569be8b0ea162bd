package org.backdraft.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.LeaseRoster.Seat;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.driver.control.ShardTable;
import org.backdraft.driver.sync.LeaseOptimizer;
import org.backdraft.driver.sync.ShardHost;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.worker.JvmId;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Plan;
import org.backdraft.ps.ParameterShard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All shards in the driver's JVM: served until this is closed, lost with the run alone. */
final class DriverShards implements LeaseShards {
  private static final Logger LOG = LoggerFactory.getLogger(DriverShards.class);

  private final SharedTable table;
  private final List<ShardHost> hosts = new ArrayList<>();
  private final List<ParameterShard> shards = new ArrayList<>();
  private final List<PeerTable.Peer> places = new ArrayList<>();

  private DriverShards(SharedTable table) {
    this.table = table;
  }

  /** Opens all shards, which begin with the given weights. */
  static DriverShards open(
      WorkerTask.Leased task, Cluster.Placement placement, Kernels kernels, Weights start)
      throws IOException {
    DriverShards here = new DriverShards(task.table());
    try {
      here.serve(task, placement, kernels, start);
    } catch (IOException | RuntimeException e) {
      here.close();
      throw e;
    }
    return here;
  }

  private void serve(
      WorkerTask.Leased task, Cluster.Placement placement, Kernels kernels, Weights start)
      throws IOException {
    int workers = task.gang().worldSize();
    LeaseOptimizer optimizer = task.optimizer(Plan.compile(task.request(), kernels));
    for (int number = 0; number < table.plan().shards(); number++) {
      ParameterShard shard =
          table.shard(number, optimizer, kernels, start.parameters(), start.buffers());
      for (int worker = 0; worker < workers; worker++) {
        shard.fence(worker, -1); // holds nobody back until it has joined
      }
      ShardHost host =
          ShardHost.open(
              placement.bindHost(),
              placement.driverHost(),
              task.gang().credentials(),
              TransportSecurity.of(task.gang().tls()),
              number,
              workers);
      hosts.add(host);
      if (placement.driver().holdsWorkers()) {
        host.stayInside();
      }
      host.start(shard);
      shards.add(shard);
      places.add(new PeerTable.Peer(placement.driverHost(), host.port(), JvmId.value()));
    }
    LOG.info(
        "The parameter server runs in the driver's JVM: {} shard(s) of {} elements in all, with"
            + " {}.",
        hosts.size(),
        table.plan().size(),
        task.train().updates().optimizer().name());
  }

  @Override
  public Optional<ShardTable> table() {
    return Optional.of(new ShardTable(table.plan().epoch(), places));
  }

  @Override
  public void join(Seat seat, long nowNanos) {}

  @Override
  public void lose(Seat seat, long completed, long nowNanos) {
    for (ParameterShard shard : shards) {
      shard.fence(seat.rank(), seat.start());
    }
    for (ShardHost host : hosts) {
      host.disconnect(seat.rank());
    }
  }

  @Override
  public void advance(Seat seat, long clock) {}

  @Override
  public void hear(Seat seat, ShardNews news) {
    throw new IllegalStateException(
        "Rank %d must keep no shards: it sent %s.".formatted(seat.rank(), news));
  }

  @Override
  public void tend(long completed, long nowNanos) {}

  @Override
  public Optional<Seat> late(long nowNanos) {
    return Optional.empty();
  }

  @Override
  public boolean copyTo(Weights result, long completed) {
    float[] values = new float[table.plan().size()];
    for (ParameterShard shard : shards) {
      shard.copyValues(values);
    }
    result.takeTable(values, table.layout());
    return true;
  }

  @Override
  public long lostUpdates() {
    return 0;
  }

  @Override
  public long widestLead() {
    return shards.stream().mapToLong(ParameterShard::widestLead).max().orElse(0);
  }

  @Override
  public void close() {
    for (ShardHost host : hosts) {
      host.close();
    }
  }
}
