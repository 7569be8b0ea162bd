package org.backdraft.driver;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.backdraft.driver.LeaseRoster.Seat;
import org.backdraft.driver.control.LeaseControl;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.control.ShardErrand;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.driver.control.ShardTable;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.ps.ShardPlan;
import org.backdraft.ps.ShardSnapshot.BlockImage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Shards beside workers. Where a worker goes that keeps some, all shards go on from the last copy
 * of the table, at one clock, beside the workers that are there, under the table's next epoch: what
 * was pushed after that copy is lost, and counted.
 */
final class HostedShards implements LeaseShards {
  private static final Logger LOG = LoggerFactory.getLogger(HostedShards.class);

  /** How long the first placing waits for all workers when some are there. */
  private static final Duration GATHERING = Duration.ofSeconds(10);

  private final SharedTable table;
  private final int workers;
  private final LeaseControl control;
  private final TableCopies copies;
  private final Duration patience;
  private final TreeMap<Integer, Seat> seats = new TreeMap<>(); // by rank
  private final int[] starts; // by rank: the first that is let in

  // Of the epoch that is placed, or being placed.
  private int epoch;
  private final TreeMap<Integer, int[]> numbers = new TreeMap<>(); // by rank: shards it keeps
  private final TreeMap<Integer, int[]> ports = new TreeMap<>(); // by rank that has answered
  private long sinceNanos;
  private long firstNanos;
  private boolean isPlacing;
  private ShardTable placed; // null where nothing is
  private long lost;

  /**
   * @param copies hold the first copy
   * @param patience how long a worker may take to serve its shards
   */
  HostedShards(
      WorkerTask.Leased task, LeaseControl control, TableCopies copies, Duration patience) {
    table = task.table();
    workers = task.gang().worldSize();
    this.control = control;
    this.copies = copies;
    this.patience = patience;
    starts = new int[workers];
    epoch = table.plan().epoch();
  }

  @Override
  public Optional<ShardTable> table() {
    return Optional.ofNullable(placed);
  }

  @Override
  public void join(Seat seat, long nowNanos) {
    if (seats.isEmpty()) {
      firstNanos = nowNanos;
    }
    seats.put(seat.rank(), seat);
  }

  @Override
  public void lose(Seat seat, long completed, long nowNanos) {
    seats.remove(seat.rank());
    copies.forget(seat.rank());
    starts[seat.rank()] = Math.max(starts[seat.rank()], seat.start() + 1);
    if (numbers.containsKey(seat.rank())) {
      long gone = completed - copies.completed();
      if (placed != null) {
        lost += gone;
        LOG.warn(
            "Rank {} kept shards {}: the table goes on from its copy at clock {}, without the last"
                + " {} updates.",
            seat.rank(),
            Arrays.toString(numbers.get(seat.rank())),
            copies.clock(),
            gone);
        copies.rebase(completed);
      }
      numbers.clear();
      isPlacing = false;
      placed = null;
      copies.abandon();
      return;
    }
    ShardErrand.Fence fence = new ShardErrand.Fence(seat.rank(), seat.start());
    numbers.keySet().forEach(rank -> send(rank, fence));
  }

  @Override
  public void advance(Seat seat, long clock) {
    copies.advance(seat.rank(), clock);
  }

  @Override
  public void tend(long completed, long nowNanos) {
    if (placed == null && !isPlacing && isTimeToPlace(nowNanos)) {
      place(nowNanos);
    }
    if (placed != null) {
      copies
          .due(epoch, numbers.keySet(), completed, nowNanos)
          .ifPresent(order -> numbers.keySet().forEach(rank -> send(rank, order)));
    }
  }

  private boolean isTimeToPlace(long nowNanos) {
    boolean isFirst = epoch == table.plan().epoch();
    return seats.size() == workers
        || (!seats.isEmpty() && (!isFirst || nowNanos - firstNanos > GATHERING.toNanos()));
  }

  private void place(long nowNanos) {
    epoch++;
    sinceNanos = nowNanos;
    isPlacing = true;
    ports.clear();
    List<Integer> ranks = List.copyOf(seats.keySet());
    int shards = table.plan().shards();
    for (int i = 0; i < ranks.size() && i < shards; i++) {
      int keepers = Math.min(shards, ranks.size());
      int first = i;
      int[] own = new int[(shards - first + keepers - 1) / keepers];
      Arrays.setAll(own, k -> first + k * keepers);
      numbers.put(ranks.get(i), own);
    }
    for (int rank : ranks) {
      int[] own = numbers.getOrDefault(rank, new int[0]);
      send(rank, new ShardErrand.Host(epoch, copies.clock(), copies.clocks(), starts.clone(), own));
      sendImages(rank, own);
    }
  }

  private void sendImages(int rank, int[] own) {
    ShardPlan plan = table.planOf(epoch);
    for (int block = 0; block < plan.blocks(); block++) {
      int owner = plan.owner(block);
      if (Arrays.stream(own).anyMatch(each -> each == owner)) {
        send(rank, new ShardErrand.Image(epoch, copies.block(block)));
      }
    }
  }

  private void send(int rank, ShardErrand errand) {
    Seat seat = seats.get(rank);
    if (seat != null) {
      control.sendErrand(rank, seat.start(), errand);
    }
  }

  @Override
  public void hear(Seat seat, ShardNews news) {
    if (news instanceof ShardNews.Hosted hosted) {
      if (hosted.epoch() == epoch && isPlacing && numbers.containsKey(seat.rank())) {
        ports.put(seat.rank(), hosted.ports());
        if (ports.size() == numbers.size()) {
          finishPlacing();
        }
      }
    } else {
      copies.hear(seat.rank(), news);
    }
  }

  private void finishPlacing() {
    PeerTable.Peer[] places = new PeerTable.Peer[table.plan().shards()];
    numbers.forEach(
        (rank, own) -> {
          for (int i = 0; i < own.length; i++) {
            Seat seat = seats.get(rank);
            places[own[i]] =
                new PeerTable.Peer(seat.hello().host(), ports.get(rank)[i], seat.hello().jvmId());
          }
        });
    placed = new ShardTable(epoch, new ArrayList<>(Arrays.asList(places)));
    isPlacing = false;
    LOG.info(
        "The parameter server runs beside {} workers: {} shard(s) of {} elements in all, epoch {}.",
        numbers.size(),
        places.length,
        table.plan().size(),
        epoch);
  }

  @Override
  public Optional<Seat> late(long nowNanos) {
    if (!isPlacing || nowNanos - sinceNanos <= patience.toNanos()) {
      return Optional.empty();
    }
    return numbers.keySet().stream()
        .filter(rank -> !ports.containsKey(rank))
        .map(seats::get)
        .findFirst();
  }

  @Override
  public boolean copyTo(Consumer<BlockImage> taker, long completed) {
    if (!copies.holdsAll(completed)) {
      return false;
    }
    for (int block = 0; block < table.plan().blocks(); block++) {
      taker.accept(copies.block(block));
    }
    return true;
  }

  @Override
  public long lostUpdates() {
    return lost;
  }

  @Override
  public long widestLead() {
    return copies.widestLead();
  }

  @Override
  public void close() {}
}
