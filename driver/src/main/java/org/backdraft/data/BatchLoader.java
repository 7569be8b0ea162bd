package org.backdraft.data;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.LeafRange;
import org.backdraft.leaf.Leaves;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.Checks;

/**
 * Prepares a worker's batches ahead of need, on a thread of its own: looks up the examples' blocks,
 * decodes the records, mixes them where that is asked for, and keeps {@link #DEPTH} batches in
 * turn.
 *
 * <p>One sequence at a time: {@link #startEpoch}, {@link #startRange} or {@link #startFeed}, then
 * {@link #next} until it gives null, each batch back by {@link #release}. Starting another sequence
 * ends the one before.
 *
 * <p>Within a batch records are taken block by block, so that a batch asks for each block once.
 *
 * <p>Threads: all methods may be called from any one thread at a time; the store is asked on the
 * loader's thread and stays the caller's to close, after {@link #close}.
 */
public final class BatchLoader implements AutoCloseable {
  /** Batches in turn: one in use, one ready, one being filled. */
  static final int DEPTH = 3;

  private static final long CLOSE_MILLIS = 10_000;

  private final BlockStore store;
  private final BlockPlan blocks;
  private final RecordReader reader;
  private final ExampleMixer mixer;
  private final int capacity;

  /** The batch's places, sorted by block: block in the high half, place in the low one. */
  private final long[] places;

  private final Thread thread;

  /** Batches handed out and not given back: the identity set that catches a foreign release. */
  private final IdentityHashMap<Batch, Boolean> inUse = new IdentityHashMap<>();

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Batch> free = new ArrayDeque<>(DEPTH);
  private final ArrayDeque<Batch> ready = new ArrayDeque<>(DEPTH);
  private BatchSequence sequence;
  private boolean finished;
  private Throwable failure;
  private boolean closed;

  /** The block that the loader's thread waits for; −1 when it waits for none. */
  private volatile int awaitedBlock = -1;

  /**
   * Starts the loader's thread.
   *
   * @param decoder for examples of the layout's shape
   * @param layout of the network's input
   * @param capacity the most examples of a batch, at least 1
   */
  public BatchLoader(
      BlockStore store,
      BlockPlan blocks,
      Decoder decoder,
      Kernels kernels,
      ActivationLayout layout,
      int capacity) {
    Checks.argument(capacity >= 1, "A batch must hold at least 1 example: got %d.", capacity);
    Checks.argument(
        decoder.shape().equals(layout.shape()),
        "The network's input must have the data's shape %s: got %s. Choose a model for this data.",
        decoder.shape(),
        layout.shape());
    this.store = store;
    this.blocks = blocks;
    this.reader = decoder.reader(kernels, layout);
    this.mixer = decoder.mixer(layout, capacity);
    this.capacity = capacity;
    places = new long[capacity];
    for (int i = 0; i < DEPTH; i++) {
      free.add(decoder.newBatch(layout, capacity));
    }
    thread = new NamedThreadFactory("loader").newThread(this::run);
    thread.start();
  }

  /**
   * Starts a rank's part of an epoch, each global batch at once; see {@link #startEpoch(int, int[],
   * int, Leaves, List, long)}.
   *
   * @param range leaves of the rank
   */
  public void startEpoch(
      int epoch, int[] order, int globalBatch, Leaves leaves, LeafRange range, long fromStep) {
    startEpoch(epoch, order, globalBatch, leaves, List.of(range), fromStep);
  }

  /**
   * Starts a rank's part of an epoch: of global batch k a batch for each of {@code pieces}, for k
   * from {@code fromStep} to the last, which may be short. A piece without an example in it gets an
   * empty batch, as the rank's peers wait for its sums.
   *
   * @param epoch from 0: what random changes of examples depend on
   * @param order ids of the epoch's examples; not changed by anyone until the sequence ends
   * @param globalBatch examples of a full global batch
   * @param pieces of the rank's leaves, one after the other without a gap
   * @param fromStep the first global batch of this epoch to prepare, from 0
   * @throws IllegalArgumentException if a piece passes the capacity
   */
  public void startEpoch(
      int epoch,
      int[] order,
      int globalBatch,
      Leaves leaves,
      List<LeafRange> pieces,
      long fromStep) {
    Checks.argument(
        globalBatch >= 1 && globalBatch <= order.length,
        "data.batch must lie in [1, %d], the number of examples: got %d.",
        order.length,
        globalBatch);
    long steps = ((long) order.length + globalBatch - 1) / globalBatch;
    Checks.argument(
        fromStep >= 0 && fromStep <= steps,
        "An epoch of %d steps cannot start at step %d.",
        steps,
        fromStep);
    EpochBatches next =
        new EpochBatches(epoch, order, globalBatch, leaves, pieces, fromStep, steps);
    int lastSize = (int) (order.length - (steps - 1) * globalBatch);
    int most = Math.max(next.mostExamples(globalBatch), next.mostExamples(lastSize));
    Checks.argument(
        most <= capacity,
        "This loader's batches hold %d examples: leaves %s of a global batch of %d need %d.",
        capacity,
        pieces,
        globalBatch,
        most);
    start(next);
  }

  /**
   * Starts the examples {@code [begin, end)} in source order and as they are, in batches of at most
   * the capacity; each is its own global batch.
   */
  public void startRange(int begin, int end) {
    Checks.argument(
        begin >= 0 && begin <= end && end <= blocks.examples(),
        "A range must lie in [0, %d]: got [%d, %d).",
        blocks.examples(),
        begin,
        end);
    start(new RangeBatches(begin, end, capacity));
  }

  /**
   * Starts batches whose examples become known one batch after the other: each that is added to the
   * feed is its own global batch. The sequence has no end.
   */
  public BatchFeed startFeed() {
    BatchFeed feed = new BatchFeed(capacity);
    start(feed);
    return feed;
  }

  private void start(BatchSequence next) {
    lock.lock();
    try {
      Checks.state(!closed, "The loader is closed.");
      free.addAll(ready);
      ready.clear();
      if (sequence != null) {
        sequence.end();
      }
      sequence = next;
      finished = false;
      failure = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next batch of the sequence, or null after its last.
   *
   * @throws DataException if none is there in time; names what the loader waits for
   * @throws IOException what reading met
   */
  public Batch next(Duration timeout) throws IOException, InterruptedException {
    long nanos = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        Checks.state(!closed, "The loader is closed.");
        Checks.state(sequence != null, "Start an epoch or a range before asking for a batch.");
        Batch batch = ready.poll();
        if (batch != null) {
          inUse.put(batch, Boolean.TRUE);
          return batch;
        }
        if (failure != null) {
          throw rethrown(failure);
        }
        if (finished) {
          return null;
        }
        Checks.state(inUse.size() < DEPTH, "All %d batches are in use: release one first.", DEPTH);
        if (nanos <= 0) {
          throw late(timeout);
        }
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  private DataException late(Duration timeout) {
    int block = awaitedBlock;
    String what =
        block < 0 ? "decoding" : "waiting for record block " + block + " of " + blocks.blocks();
    return new DataException(
        "No batch within %s: the loader is %s. Look at the storage, or raise the deadline."
            .formatted(timeout, what));
  }

  /** A new exception for each caller, so that its trace shows who asked. */
  private static IOException rethrown(Throwable failure) throws IOException {
    if (failure instanceof DataException) {
      return new DataException(failure.getMessage(), failure);
    }
    if (failure instanceof IOException) {
      return new IOException(failure.getMessage(), failure);
    }
    throw new IllegalStateException("The loader failed: " + failure, failure);
  }

  /** Gives a batch of {@link #next} back for another filling. */
  public void release(Batch batch) {
    lock.lock();
    try {
      Checks.argument(
          inUse.remove(batch) != null, "Only a batch that next() gave can be released, once.");
      free.add(batch);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the loader's thread; batches in use stay valid. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    thread.interrupt();
    try {
      thread.join(CLOSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The loader's thread: sequences, one after the other. */
  private void run() {
    BatchSequence done = null;
    try {
      while (true) {
        done = awaitOtherThan(done);
        if (done == null) {
          return;
        }
        prepare(done);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The sequence to prepare, once it is another than {@code done}; null when the loader is closed.
   */
  private BatchSequence awaitOtherThan(BatchSequence done) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && sequence == done) {
        changed.await();
      }
      return closed ? null : sequence;
    } finally {
      lock.unlock();
    }
  }

  // This thread's top frame for a sequence: whatever reading or decoding throws reaches the caller,
  // checked exceptions included, which Scala throws without declaring them.
  private void prepare(BatchSequence current) throws InterruptedException {
    awaitedBlock = -1;
    try {
      while (current.advance()) {
        Batch batch = takeFree(current);
        if (batch == null) {
          return;
        }
        boolean filled = false;
        try {
          fill(batch, current);
          mixer.mix(batch, current);
          filled = true;
        } finally {
          handOver(batch, current, filled);
        }
      }
      finish(current, null);
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | Error e) {
      finish(current, e);
    }
  }

  /** A batch to fill; null when the sequence is over. */
  private Batch takeFree(BatchSequence current) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (!closed && sequence == current && free.isEmpty()) {
        changed.await();
      }
      return closed || sequence != current ? null : free.poll();
    } finally {
      lock.unlock();
    }
  }

  private void handOver(Batch batch, BatchSequence current, boolean filled) {
    lock.lock();
    try {
      (filled && sequence == current ? ready : free).add(batch);
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void finish(BatchSequence current, Throwable cause) {
    lock.lock();
    try {
      if (sequence == current) {
        finished = true;
        failure = cause;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void fill(Batch batch, BatchSequence current) throws IOException {
    int size = current.size();
    batch.reset(size, current.globalSize(), current.begin());
    for (int i = 0; i < size; i++) {
      places[i] = ((long) blocks.blockOf(current.exampleId(i)) << 32) | i;
    }
    Arrays.sort(places, 0, size);
    RecordBlock block = null;
    int blockIndex = -1;
    for (int i = 0; i < size; i++) {
      int wanted = (int) (places[i] >>> 32);
      if (wanted != blockIndex) {
        awaitedBlock = wanted;
        block = store.block(wanted);
        awaitedBlock = -1;
        blockIndex = wanted;
      }
      int place = (int) places[i];
      int id = current.exampleId(place);
      int record = (int) (id - block.firstExample());
      reader.read(block, record, current.epoch(), batch, place);
      batch.exampleIds()[place] = id;
    }
  }
}
