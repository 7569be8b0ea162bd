package org.backdraft.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.backdraft.driver.LeaseRoster.Seat;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.driver.control.ShardTable;
import org.backdraft.driver.sync.LeaseOptimizer;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.kernel.Kernels;
import org.backdraft.plan.Plan;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.ShardSnapshot;
import org.backdraft.ps.ShardSnapshot.BlockImage;

/** All shards in the driver's JVM: served until this is closed, lost with the run alone. */
final class DriverShards implements LeaseShards {
  private final SharedTable table;
  private final List<ParameterShard> shards;
  private final ServedShards served;

  private DriverShards(SharedTable table, List<ParameterShard> shards, ServedShards served) {
    this.table = table;
    this.shards = shards;
    this.served = served;
  }

  /**
   * Opens all shards.
   *
   * @param start all blocks as they begin
   */
  static DriverShards open(
      WorkerTask.Leased task, Cluster.Placement placement, Kernels kernels, ShardSnapshot start)
      throws IOException {
    SharedTable table = task.table();
    LeaseOptimizer optimizer = task.optimizer(Plan.compile(task.request(), kernels));
    List<ParameterShard> shards = new ArrayList<>();
    for (int number = 0; number < table.plan().shards(); number++) {
      ParameterShard shard =
          ParameterShard.restore(
              table.plan(),
              number,
              table.settings(),
              optimizer,
              kernels.matrix()::add,
              List.of(start));
      for (int worker = 0; worker < task.gang().worldSize(); worker++) {
        shard.fence(worker, -1); // holds nobody back until it has joined
      }
      shards.add(shard);
    }
    return new DriverShards(table, shards, ServedShards.open(task.gang(), placement, shards));
  }

  @Override
  public Optional<ShardTable> table() {
    return Optional.of(new ShardTable(table.plan().epoch(), served.places()));
  }

  @Override
  public void join(Seat seat, long nowNanos) {}

  @Override
  public void lose(Seat seat, long completed, long nowNanos) {
    for (ParameterShard shard : shards) {
      shard.fence(seat.rank(), seat.start());
    }
    served.disconnect(seat.rank());
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
  public boolean copyTo(Consumer<BlockImage> taker, long completed) {
    for (ParameterShard shard : shards) {
      shard.images().forEach(taker);
    }
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
    served.close();
  }
}
