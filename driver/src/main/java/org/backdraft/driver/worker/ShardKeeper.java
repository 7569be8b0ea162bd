package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.control.ShardErrand;
import org.backdraft.driver.control.ShardErrands;
import org.backdraft.driver.control.ShardNews;
import org.backdraft.driver.sync.ShardHost;
import org.backdraft.driver.sync.SharedTable;
import org.backdraft.ps.BlockOptimizer;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.ShardPlan;
import org.backdraft.ps.ShardSnapshot;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps shards beside a worker, as the driver says: makes them from the copies that it sends,
 * serves them, copies them. Does so on a thread of its own, whatever the worker is doing; a copy,
 * which waits for workers, on another one.
 *
 * <p>What it cannot do ends the worker: its thread is interrupted, and {@link #failure} says why.
 */
final class ShardKeeper implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ShardKeeper.class);
  private static final Duration TICK = Duration.ofMillis(500);
  private static final long CLOSE_MILLIS = 5_000;

  private final WorkerTask.Leased task;
  private final WorkerPlace place;
  private final ShardErrands errands;
  private final SharedTable table;
  private final BlockOptimizer optimizer;
  private final Adder adder;
  private final Thread worker = Thread.currentThread();
  private final ThreadFactory threads = new NamedThreadFactory("shard-keeper");
  private final Thread thread;
  private volatile boolean closed;
  private volatile Exception failure;

  // Of the keeper's thread.
  private ShardErrand.Host order;
  private ShardPlan plan;
  private final List<ShardSnapshot.BlockImage> images = new ArrayList<>();
  private int missing;
  private List<Kept> kept = List.of();
  private Thread copying;

  private record Kept(ParameterShard shard, ShardHost host) {}

  ShardKeeper(
      WorkerTask.Leased task,
      WorkerPlace place,
      ShardErrands errands,
      BlockOptimizer optimizer,
      Adder adder) {
    this.task = task;
    this.place = place;
    this.errands = errands;
    this.optimizer = optimizer;
    this.adder = adder;
    table = task.table();
    thread = threads.newThread(this::run);
    thread.start();
  }

  /** Why this keeps nothing any more, null while it does. */
  Exception failure() {
    return failure;
  }

  private void run() {
    try {
      while (!closed) {
        ShardErrand errand = errands.next(TICK);
        if (errand != null) {
          handle(errand);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // this is being closed
    } catch (IOException | RuntimeException e) { // the thread's top frame
      if (!closed) {
        failure = e;
        worker.interrupt();
      }
    } finally {
      drop();
    }
  }

  private void handle(ShardErrand errand) throws IOException {
    if (errand instanceof ShardErrand.Host host) {
      drop();
      begin(host);
    } else if (errand instanceof ShardErrand.Image image) {
      if (order != null && image.epoch() == order.epoch()) {
        images.add(image.block());
        missing--;
        if (missing == 0) {
          serve();
        }
      }
    } else if (errand instanceof ShardErrand.Fence fence) {
      fence(fence.rank(), fence.start());
    } else if (errand instanceof ShardErrand.Snapshot snapshot) {
      copy(snapshot);
    } else {
      throw new AssertionError(errand);
    }
  }

  private void begin(ShardErrand.Host host) throws IOException {
    order = host;
    plan = table.planOf(host.epoch());
    images.clear();
    missing = 0;
    for (int block = 0; block < plan.blocks(); block++) {
      int owner = plan.owner(block);
      missing += Arrays.stream(host.shards()).anyMatch(each -> each == owner) ? 1 : 0;
    }
    if (missing == 0) {
      serve();
    }
  }

  private void serve() throws IOException {
    int workers = task.gang().worldSize();
    ShardSnapshot snapshot =
        new ShardSnapshot(order.epoch() - 1, order.clock(), order.clocks(), List.copyOf(images));
    images.clear();
    List<Kept> serving = new ArrayList<>();
    kept = serving;
    int[] ports = new int[order.shards().length];
    for (int i = 0; i < ports.length; i++) {
      int number = order.shards()[i];
      ParameterShard shard =
          ParameterShard.restore(
              plan, number, table.settings(), optimizer, adder, List.of(snapshot));
      ShardHost host =
          ShardHost.open(
              place.host(),
              place.host(),
              task.gang().credentials(),
              TransportSecurity.of(task.gang().tls()),
              ShardChannels.door(plan.shards(), order.epoch(), number),
              workers);
      serving.add(new Kept(shard, host));
      ports[i] = host.port();
    }
    for (int rank = 0; rank < workers; rank++) {
      fence(rank, order.starts()[rank] - 1); // nobody is there until it has joined
    }
    for (Kept each : serving) {
      each.host().start(each.shard());
    }
    errands.tell(new ShardNews.Hosted(order.epoch(), ports));
    LOG.info(
        "Rank {} keeps shards {} of epoch {} of the table.",
        place.rank(),
        Arrays.toString(order.shards()),
        order.epoch());
  }

  private void fence(int rank, int start) {
    if (order != null) {
      order.starts()[rank] = Math.max(order.starts()[rank], start + 1);
    }
    for (Kept each : kept) {
      each.shard().fence(rank, start);
      each.host().disconnect(rank);
    }
  }

  private void copy(ShardErrand.Snapshot snapshot) {
    if (order == null || snapshot.epoch() != order.epoch()) {
      return; // the driver has given up that table
    }
    List<Kept> copied = kept;
    copying = threads.newThread(() -> copy(snapshot, copied));
    copying.start();
  }

  private void copy(ShardErrand.Snapshot snapshot, List<Kept> copied) {
    long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(snapshot.timeoutMillis());
    long[] clocks = new long[task.gang().worldSize()];
    Arrays.fill(clocks, Long.MAX_VALUE);
    long lead = 0;
    boolean complete = true;
    try {
      for (Kept each : copied) {
        Duration left = Duration.ofNanos(Math.max(1, endNanos - System.nanoTime()));
        ShardSnapshot copy = each.shard().snapshotAt(snapshot.clock(), left);
        for (ShardSnapshot.BlockImage block : copy.blocks()) {
          errands.tell(new ShardErrand.Image(snapshot.epoch(), block));
        }
        for (int rank = 0; rank < clocks.length; rank++) {
          clocks[rank] = Math.min(clocks[rank], copy.clocks()[rank]);
        }
        lead = Math.max(lead, each.shard().widestLead());
      }
    } catch (TimeoutException e) {
      LOG.info("A copy of shards at clock {} was not taken: {}", snapshot.clock(), e.getMessage());
      complete = false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the shards are given up
      return;
    } catch (IOException | IllegalStateException e) {
      LOG.debug("A copy of shards was not taken.", e); // whoever watches the channel says more
      return;
    }
    try {
      errands.tell(new ShardNews.Taken(snapshot.epoch(), snapshot.clock(), complete, clocks, lead));
    } catch (IOException e) {
      LOG.debug("The driver is gone before a copy of shards.", e);
    }
  }

  /** Gives up all shards. */
  private void drop() {
    if (copying != null) {
      copying.interrupt();
    }
    for (Kept each : kept) {
      each.host().close();
    }
    kept = List.of();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the thread ends all the same, only not awaited
    }
  }
}
