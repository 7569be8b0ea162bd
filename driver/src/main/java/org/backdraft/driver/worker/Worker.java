package org.backdraft.driver.worker;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.Optional;
import org.backdraft.comm.CollectiveException;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.BlockStore;
import org.backdraft.data.DataException;
import org.backdraft.driver.control.Divergence;
import org.backdraft.driver.control.FailureReport;
import org.backdraft.driver.control.Finish;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeaseClient;
import org.backdraft.driver.control.ShardErrands;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.DivergedException;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.nn.IndexException;
import org.backdraft.optim.Averaging;
import org.backdraft.plan.MemoryReport;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
import org.backdraft.ps.ShardException;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.tensor.WeightsDigest;

/**
 * One rank of a gang, from its introduction to its last word. Runs on the thread of its Spark task;
 * returns when the driver knows how it ended, or throws what ended it.
 *
 * <p>Interrupting the thread ends the worker within the step it is in.
 */
public final class Worker {
  /** How long a batch may take to arrive: blocks may have to be read again from the source. */
  static final Duration BATCH_TIMEOUT = Duration.ofMinutes(2);

  private final WorkerTask task;
  private final WorkerPlace place;
  private long step;
  private boolean isTold; // what has ended it, to the driver

  public Worker(WorkerTask task, WorkerPlace place) {
    this.task = task;
    this.place = place;
  }

  /**
   * Runs to the end.
   *
   * @throws Exception what ended it; the driver has been told if it could be reached
   */
  public void run() throws Exception {
    KernelLookup.Choice kernels = KernelLookup.choose();
    // The first worker of a JVM measures now, before the driver waits for its introduction.
    String tuning = kernels.kernels().tuning();
    try (WorkerControl control = connect()) {
      try {
        work(kernels, tuning, control);
      } catch (Throwable e) { // the top frame of a rank: whatever it is, the driver has to know it
        tell(control, e);
        IOException driverLoss = control.driverLoss();
        if (!isTold && driverLoss != null) {
          driverLoss.addSuppressed(e);
          throw driverLoss;
        }
        throw e;
      }
    }
  }

  private WorkerControl connect() throws IOException, InterruptedException {
    return place.start() == 0
        ? WorkerControl.connect(task.gang(), place.rank())
        : WorkerControl.connectAgain(task.gang(), place.rank());
  }

  private void work(KernelLookup.Choice kernels, String tuning, WorkerControl control)
      throws Exception {
    int worldSize = task.gang().worldSize();
    Plan plan = Plan.compile(request(worldSize), kernels.kernels());
    checkMemory(plan.memory());
    try {
      if (task instanceof WorkerTask.Leased leased) {
        workByLeases(leased, plan, hello(0, kernels, tuning), control);
      } else {
        work(plan, kernels, tuning, control);
      }
    } catch (OutOfMemoryError e) { // nothing of the worker lives on; its memory is free again
      throw new WorkerMemoryException(plan.memory(), Runtime.getRuntime().maxMemory(), e);
    }
  }

  private void work(Plan plan, KernelLookup.Choice kernels, String tuning, WorkerControl control)
      throws Exception {
    try (Membership membership = membership(control)) {
      membership.connect(control.register(hello(membership.port(), kernels, tuning)));
      try (Replica replica = new Replica(plan)) {
        start(replica, control);
        boolean isComplete = true;
        if (task instanceof WorkerTask.Train train) {
          isComplete = train(train, replica, membership, control);
        } else {
          evaluate(replica, control);
        }
        control.finish(new Finish(digest(replica), isComplete));
      }
    }
  }

  private Membership membership(WorkerControl control) throws IOException {
    return task instanceof WorkerTask.Train train
            && train.sync().strategy() == SyncSpec.Strategy.PARAMETER_SERVER
        ? ShardMembership.open(train, place, control)
        : PeerMembership.open(task, place, control);
  }

  private Hello hello(int dataPort, KernelLookup.Choice kernels, String tuning) {
    return new Hello(
        place.rank(),
        place.start(),
        place.host(),
        dataPort,
        place.jvmId(),
        place.executorId(),
        ProcessHandle.current().pid(),
        Runtime.getRuntime().availableProcessors(),
        kernels.explanation(),
        tuning,
        kernels.fast());
  }

  private Plan.Request request(int worldSize) {
    if (task instanceof WorkerTask.Leased leased) {
      return leased.request();
    }
    int examples =
        task instanceof WorkerTask.Train train
            ? train.training().examples()
            : task.validation().examples();
    return task.model().request(place.rank(), worldSize, examples);
  }

  private static void checkMemory(MemoryReport memory) throws WorkerMemoryException {
    long heapBytes = Runtime.getRuntime().maxMemory();
    if (memory.totalBytes() > heapBytes) {
      throw new WorkerMemoryException(memory, heapBytes);
    }
  }

  private void start(Replica replica, WorkerControl control)
      throws IOException, InterruptedException {
    ModelSpec.Start start = task.model().start();
    if (start.fromDriver()) {
      control.receiveStartWeights(replica.parameters(), replica.buffers());
    } else {
      start.draw(task.model().network(), replica.parameters(), replica.buffers());
    }
  }

  /** Whether all is done; else the gang was told to stop. */
  private boolean train(
      WorkerTask.Train train, Replica replica, Membership membership, WorkerControl control)
      throws Exception {
    Optional<WeightAverage> average = average(train, replica, control);
    try (BlockStore store = open(train.training());
        BlockStore validationStore = open(train.validation());
        BatchLoader batches =
            loader(train.training(), store, replica, replica.plan().pieceCapacity());
        BatchLoader validation = validationLoader(train.validation(), validationStore, replica);
        Synchronizer synchronizer = membership.synchronizer(replica);
        StateSender states =
            new StateSender(
                control, replica, synchronizer, train.sync().isKeptByDriver(), place.rank())) {
      TrainingLoop loop =
          new TrainingLoop(
              train,
              place.rank(),
              replica.plan().request(),
              new TrainingLoop.Parts(
                  replica,
                  synchronizer,
                  states,
                  average,
                  batches,
                  evaluation(replica, validation),
                  control,
                  BATCH_TIMEOUT));
      boolean isComplete;
      try {
        isComplete = run(loop);
      } catch (Exception e) {
        // Before peers find connections closed: when their tasks end Spark interrupts this one,
        // and whoever is interrupted while it writes loses its channel.
        tell(control, e);
        throw e;
      }
      if (isComplete && place.rank() == 0) {
        control.sendWeights(replica.parameters(), replica.buffers());
      }
      return isComplete;
    }
  }

  private boolean run(TrainingLoop loop) throws Exception {
    try {
      return loop.run();
    } finally {
      step = loop.step();
    }
  }

  /** The average that training begins or goes on with; empty where none is asked for. */
  private Optional<WeightAverage> average(
      WorkerTask.Train train, Replica replica, WorkerControl control)
      throws IOException, InterruptedException {
    Averaging averaging = train.updates().averaging();
    if (averaging.isNone()) {
      return Optional.empty();
    }
    WeightAverage average =
        new WeightAverage(
            averaging,
            train.stateLayout().averageSlot(),
            train.course().stepsPerEpoch(train.training().examples()),
            replica,
            place.rank() == 0);
    if (train.continuity().goesOn()) {
      StateReceiver.receive(average.kept(), control);
    }
    return Optional.of(average);
  }

  private void workByLeases(WorkerTask.Leased leased, Plan plan, Hello hello, WorkerControl control)
      throws Exception {
    try (ShardKeeper keeper = keeper(leased, plan, control)) {
      try {
        workByLeases(leased, plan, hello, control, new LeaseClient(control));
      } catch (Exception e) {
        Exception failure = keeper.failure();
        if (failure != null) {
          boolean unused = Thread.interrupted(); // the keeper did that
          failure.addSuppressed(e);
          throw failure;
        }
        throw e;
      }
    }
  }

  private ShardKeeper keeper(WorkerTask.Leased leased, Plan plan, WorkerControl control) {
    return new ShardKeeper(
        leased,
        place,
        new ShardErrands(control),
        leased.optimizer(plan),
        plan.kernels().matrix()::add);
  }

  private void workByLeases(
      WorkerTask.Leased leased, Plan plan, Hello hello, WorkerControl control, LeaseClient leases)
      throws Exception {
    leases.enroll(hello);
    WorkerTask.Train train = leased.train();
    try (Replica replica = new Replica(plan);
        BlockStore store = open(train.training());
        BlockStore validationStore = open(train.validation());
        BatchLoader batches =
            loader(train.training(), store, replica, replica.plan().request().capacity());
        BatchLoader validation = validationLoader(train.validation(), validationStore, replica);
        ShardLink shards = new ShardLink(leased, place, leases)) {
      LeaseLoop loop =
          new LeaseLoop(
              train,
              new LeaseLoop.Parts(
                  replica,
                  leases,
                  shards,
                  leased.table().plan().size(),
                  batches,
                  evaluation(replica, validation),
                  control,
                  BATCH_TIMEOUT));
      try {
        loop.run();
      } finally {
        step = loop.step();
      }
      leases.leave();
    }
  }

  private void evaluate(Replica replica, WorkerControl control) throws Exception {
    try (BlockStore store = open(task.validation());
        BatchLoader loader = validationLoader(task.validation(), store, replica)) {
      if (task instanceof WorkerTask.Evaluate evaluate && evaluate.reestimates()) {
        new Reestimation(replica, loader, task.model(), BATCH_TIMEOUT)
            .run(task.validation().examples());
      }
      control.report(0, evaluation(replica, loader).run());
    }
  }

  private Evaluation evaluation(Replica replica, BatchLoader loader) {
    DataSpec set = task.validation();
    return new Evaluation(
        replica, loader, set.examples(), task.model().metric(set.decoder()), BATCH_TIMEOUT);
  }

  private static BlockStore open(DataSpec data) throws IOException {
    return data.blocks().open(data.cacheBytes());
  }

  private static BatchLoader validationLoader(DataSpec data, BlockStore store, Replica replica) {
    return loader(data, store, replica, replica.plan().pieceCapacity());
  }

  private static BatchLoader loader(
      DataSpec data, BlockStore store, Replica replica, int capacity) {
    return new BatchLoader(
        store,
        data.plan(),
        data.decoder(),
        replica.plan().kernels(),
        ActivationLayout.dense(replica.plan().request().network().input()),
        capacity);
  }

  static String digest(Replica replica) {
    return WeightsDigest.sha256(
        replica.plan().parameterTable(),
        replica.parameters(),
        replica.plan().bufferTable(),
        replica.buffers());
  }

  /** Tells the driver, unless it knows or is lost, what ends this rank. */
  private void tell(WorkerControl control, Throwable e) {
    if (isTold) {
      return;
    }
    boolean interrupted = Thread.interrupted();
    if (control.driverLoss() != null) {
      return;
    }
    isTold = true;
    try {
      control.fail(report(e, interrupted));
    } catch (IOException | InterruptedException unreachable) {
      e.addSuppressed(unreachable); // the driver sees the end of the channel instead
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private FailureReport report(Throwable e, boolean interrupted) {
    FailureReport.Kind kind = kind(e, interrupted);
    int peer = peer(e);
    Divergence divergence =
        e instanceof DivergedException diverged ? diverged.divergence() : Divergence.NONE;
    long at = e instanceof DivergedException diverged ? diverged.step() : step;
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    String message =
        kind == FailureReport.Kind.OTHER || e.getMessage() == null ? e.toString() : e.getMessage();
    return new FailureReport(kind, at, peer, message, divergence, trace.toString());
  }

  /** The rank that is to blame, −1 for none. */
  private int peer(Throwable e) {
    if (e instanceof CollectiveException collective) {
      return collective.peer();
    }
    if (e instanceof ShardException at && task instanceof WorkerTask.Train train) {
      boolean besideWorker = train.sync().placement() == SyncSpec.Placement.EXECUTORS;
      return at.awaitedWorker() >= 0 || !besideWorker ? at.awaitedWorker() : at.shard();
    }
    return -1;
  }

  private static FailureReport.Kind kind(Throwable e, boolean interrupted) {
    if (e instanceof DivergedException) {
      return FailureReport.Kind.DIVERGED;
    }
    if (e instanceof ShardException.Timeout || e instanceof CollectiveException.Timeout) {
      return FailureReport.Kind.PEER; // an interruption came later, or it would have ended the wait
    }
    if (interrupted
        || e instanceof InterruptedException
        || e instanceof CollectiveException.Interrupted) {
      return FailureReport.Kind.STOPPED;
    }
    if (e instanceof CollectiveException || e instanceof ShardException) {
      return FailureReport.Kind.PEER;
    }
    if (e instanceof DataException || e instanceof IndexException) {
      return FailureReport.Kind.DATA;
    }
    if (e instanceof WorkerMemoryException) {
      return FailureReport.Kind.CONFIGURATION;
    }
    return FailureReport.Kind.OTHER;
  }
}
