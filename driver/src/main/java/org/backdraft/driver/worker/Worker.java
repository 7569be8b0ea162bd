package org.backdraft.driver.worker;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Transport;
import org.backdraft.data.BatchLoader;
import org.backdraft.data.BlockStore;
import org.backdraft.data.DataException;
import org.backdraft.driver.control.FailureReport;
import org.backdraft.driver.control.Finish;
import org.backdraft.driver.control.WorkerControl;
import org.backdraft.driver.sync.DivergedException;
import org.backdraft.driver.sync.PeerSynchronizers;
import org.backdraft.driver.sync.Synchronizer;
import org.backdraft.kernel.KernelLookup;
import org.backdraft.plan.MemoryReport;
import org.backdraft.plan.Plan;
import org.backdraft.plan.Replica;
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
  private static final Duration BATCH_TIMEOUT = Duration.ofMinutes(2);

  private final WorkerTask task;
  private final WorkerPlace place;
  private long step;

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
    try (WorkerControl control = WorkerControl.connect(task.gang(), place.rank())) {
      try {
        work(kernels, tuning, control);
      } catch (Throwable e) { // the top frame of a rank: whatever it is, the driver has to know it
        boolean interrupted = Thread.interrupted();
        IOException driverLoss = control.driverLoss();
        if (driverLoss != null) {
          driverLoss.addSuppressed(e);
          throw driverLoss;
        }
        tell(control, e, interrupted);
        throw e;
      }
    }
  }

  private void work(KernelLookup.Choice kernels, String tuning, WorkerControl control)
      throws Exception {
    int worldSize = task.gang().worldSize();
    Plan plan = Plan.compile(request(worldSize), kernels.kernels());
    checkMemory(plan.memory());
    try {
      work(plan, kernels, tuning, control);
    } catch (OutOfMemoryError e) { // nothing of the worker lives on; its memory is free again
      throw new WorkerMemoryException(plan.memory(), Runtime.getRuntime().maxMemory(), e);
    }
  }

  private void work(Plan plan, KernelLookup.Choice kernels, String tuning, WorkerControl control)
      throws Exception {
    try (Transport transport = Gathering.join(task.gang(), place, control, kernels, tuning);
        Replica replica = new Replica(plan)) {
      start(replica, control);
      if (task instanceof WorkerTask.Train train) {
        train(train, replica, transport, control);
      } else {
        evaluate(replica, control);
      }
      control.finish(digest(replica));
    }
  }

  private Plan.Request request(int worldSize) {
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

  private void train(
      WorkerTask.Train train, Replica replica, Transport transport, WorkerControl control)
      throws Exception {
    try (BlockStore store = open(train.training());
        BlockStore validationStore = open(train.validation());
        BatchLoader batches = loader(train.training(), store, replica);
        BatchLoader validation = loader(train.validation(), validationStore, replica);
        Synchronizer synchronizer =
            PeerSynchronizers.create(train.sync(), replica, transport, train.updates())) {
      TrainingLoop loop =
          new TrainingLoop(
              train,
              place.rank(),
              replica.plan().request(),
              new TrainingLoop.Parts(
                  synchronizer, batches, evaluation(replica, validation), control, BATCH_TIMEOUT));
      try {
        loop.run();
      } finally {
        step = loop.step();
      }
      if (place.rank() == 0) {
        control.sendWeights(replica.parameters(), replica.buffers());
      }
    }
  }

  private void evaluate(Replica replica, WorkerControl control) throws Exception {
    try (BlockStore store = open(task.validation());
        BatchLoader loader = loader(task.validation(), store, replica)) {
      control.report(0, evaluation(replica, loader).run());
    }
  }

  private Evaluation evaluation(Replica replica, BatchLoader loader) {
    return new Evaluation(replica, loader, task.validation().examples(), BATCH_TIMEOUT);
  }

  private static BlockStore open(DataSpec data) throws IOException {
    return data.blocks().open(data.cacheBytes());
  }

  private static BatchLoader loader(DataSpec data, BlockStore store, Replica replica) {
    Plan.Request request = replica.plan().request();
    return new BatchLoader(
        store,
        data.plan(),
        data.decoder(),
        replica.plan().kernels(),
        ActivationLayout.dense(request.network().input()),
        request.capacity());
  }

  private Finish digest(Replica replica) {
    return new Finish(
        WeightsDigest.sha256(
            replica.plan().parameterTable(),
            replica.parameters(),
            replica.plan().bufferTable(),
            replica.buffers()));
  }

  private void tell(WorkerControl control, Throwable e, boolean interrupted) {
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
    int peer = e instanceof CollectiveException collective ? collective.peer() : -1;
    int layer = e instanceof DivergedException diverged ? diverged.layer() : -1;
    long at = e instanceof DivergedException diverged ? diverged.step() : step;
    StringWriter trace = new StringWriter();
    e.printStackTrace(new PrintWriter(trace));
    String message =
        kind == FailureReport.Kind.OTHER || e.getMessage() == null ? e.toString() : e.getMessage();
    return new FailureReport(kind, at, peer, message, layer, trace.toString());
  }

  private static FailureReport.Kind kind(Throwable e, boolean interrupted) {
    if (e instanceof DivergedException) {
      return FailureReport.Kind.DIVERGED;
    }
    if (interrupted
        || e instanceof InterruptedException
        || e instanceof CollectiveException.Interrupted) {
      return FailureReport.Kind.STOPPED;
    }
    if (e instanceof CollectiveException) {
      return FailureReport.Kind.PEER;
    }
    if (e instanceof DataException) {
      return FailureReport.Kind.DATA;
    }
    if (e instanceof WorkerMemoryException) {
      return FailureReport.Kind.CONFIGURATION;
    }
    return FailureReport.Kind.OTHER;
  }
}
