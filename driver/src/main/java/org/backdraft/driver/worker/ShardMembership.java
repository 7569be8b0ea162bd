package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.ParameterServerSynchronizer;
import org.backdraft.driver.sync.ParameterServerSynchronizer.BesideShard;
import org.backdraft.driver.sync.ShardHost;
import org.backdraft.driver.sync.ShardOptimizer;
import org.backdraft.driver.sync.ShardState;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Replica;
import org.backdraft.ps.ClientSettings;
import org.backdraft.ps.ParameterClient;
import org.backdraft.ps.ParameterShard;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Every rank is connected to every shard, one of which it may serve itself: by threads beside its
 * own. Through memory to shards of this JVM.
 */
final class ShardMembership implements Membership {
  /** The rank that a shard waits for between a step's sums and its update. */
  private static final int LEADER = 0;

  private final WorkerTask.Train task;
  private final int rank;
  private final Optional<ShardHost> host;
  private final WorkerControl control;
  private List<MessageChannel> channels = List.of(); // by shard

  private ShardMembership(
      WorkerTask.Train task, int rank, Optional<ShardHost> host, WorkerControl control) {
    this.task = task;
    this.rank = rank;
    this.host = host;
    this.control = control;
  }

  /**
   * @param control by which the driver sends what training goes on from; closed by who made it
   */
  static ShardMembership open(WorkerTask.Train task, WorkerPlace place, WorkerControl control)
      throws IOException {
    SyncSpec sync = task.sync();
    GangAddress gang = task.gang();
    boolean hosts =
        sync.placement() == SyncSpec.Placement.EXECUTORS && place.rank() < sync.shards();
    return new ShardMembership(
        task,
        place.rank(),
        hosts
            ? Optional.of(
                ShardHost.open(
                    place.host(),
                    place.host(),
                    gang.credentials(),
                    TransportSecurity.of(gang.tls()),
                    place.rank(),
                    gang.worldSize()))
            : Optional.empty(),
        control);
  }

  @Override
  public int port() {
    return host.map(ShardHost::port).orElse(0);
  }

  @Override
  public void connect(PeerTable table) throws IOException {
    if (table.inOneJvm()) {
      host.ifPresent(ShardHost::stayInside);
    }
    channels =
        ShardChannels.open(
            task.gang(),
            rank,
            0,
            table.shards(),
            Duration.ofMillis(task.gang().registrationTimeoutMillis()));
  }

  @Override
  public Synchronizer synchronizer(Replica replica) throws IOException, InterruptedException {
    SharedTable table =
        SharedTable.of(
            task.model().network(), task.model().leaves(), task.sync(), task.gang().worldSize());
    ShardOptimizer optimizer = task.shardOptimizer(replica.plan().kernels());
    Optional<BesideShard> beside = Optional.empty();
    if (host.isPresent()) {
      beside = Optional.of(beside(table, optimizer, replica));
      host.get().start(beside.get().shard());
    }
    ClientSettings settings = ClientSettings.of(Duration.ofMillis(task.gang().stepTimeoutMillis()));
    ParameterClient client = new ParameterClient(table.plan(), rank, 0, channels, settings);
    return ParameterServerSynchronizer.join(
        replica,
        client,
        rank == LEADER ? Optional.of(optimizer) : Optional.empty(),
        beside,
        task.stepsBefore(),
        task.updates().seed(),
        task.updates().skipsNonFinite());
  }

  private BesideShard beside(SharedTable table, ShardOptimizer optimizer, Replica replica)
      throws IOException, InterruptedException {
    Kernels kernels = replica.plan().kernels();
    ParameterBlocks blocks = new ParameterBlocks(replica.plan().parameterTable());
    ShardState state = new ShardState(table, rank, blocks, optimizer.stateSlots());
    ParameterShard shard;
    if (task.continuity().goesOn()) {
      StateReceiver.receive(state.state(), control);
      shard = state.restored(optimizer, kernels, replica.parameters(), task.stepsBefore());
    } else {
      shard = table.shard(rank, optimizer, kernels, replica.parameters());
    }
    return new BesideShard(shard, state, Duration.ofMillis(task.gang().stepTimeoutMillis()));
  }

  @Override
  public void close() {
    for (MessageChannel channel : channels) {
      channel.close();
    }
    host.ifPresent(ShardHost::close);
  }
}
