package org.backdraft.driver;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.backdraft.checkpoint.Checkpoint;
import org.backdraft.checkpoint.CheckpointException;
import org.backdraft.checkpoint.CheckpointLock;
import org.backdraft.checkpoint.CheckpointState;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.checkpoint.ModelTensors;
import org.backdraft.checkpoint.NamedTensor;
import org.backdraft.checkpoint.Retention;
import org.backdraft.checkpoint.TensorFile;
import org.backdraft.concurrent.NamedThreadFactory;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.worker.Position;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;
import org.backdraft.tensor.WeightsDigest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The states of a run as checkpoints in a folder, written one after the other on a thread of their
 * own. A state that comes while one is being written waits; a third takes the place of the one that
 * waits. What cannot be written is told in the log, and the run goes on with the checkpoints
 * before.
 */
final class StoredCheckpoints implements Checkpoints {
  private static final Logger LOG = LoggerFactory.getLogger(StoredCheckpoints.class);

  /** The part with the arrays of the state, and what its tensors' names begin with. */
  private static final String OPTIMIZER = "optimizer";

  /** The part with the weights of the best epoch. */
  private static final String BEST = "best";

  private static final String SLOT = "slot";
  private static final long WRITE_MINUTES = 10;

  private final CheckpointStore store;
  private final CheckpointLock lock;
  private final Network network;
  private final StateLayout layout;
  private final Description description;
  private final Retention retention;
  private final int firstAttempt;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(new NamedThreadFactory("checkpoints"));

  private Waiting waiting; // guarded by this; null where nothing waits
  private int leftOut; // likewise
  private Future<?> writing; // the last that was handed to the thread; null before the first
  private volatile String failure; // of what was written last; null where it is safe

  /**
   * What all checkpoints of a run say of it.
   *
   * @param workers of the run
   * @param configSha256 of its configuration
   * @param data of it
   * @param words of its model files
   */
  record Description(int workers, String configSha256, DataMark data, Map<String, String> words) {}

  private record Waiting(GangState state, int attempt) {}

  private StoredCheckpoints(
      CheckpointStore store,
      CheckpointLock lock,
      Network network,
      StateLayout layout,
      Description description,
      Retention retention)
      throws IOException {
    this.store = store;
    this.lock = lock;
    this.network = network;
    this.layout = layout;
    this.description = description;
    this.retention = retention;
    firstAttempt = store.nextAttempt();
  }

  /**
   * Takes the right to write into a folder of checkpoints.
   *
   * @param layout of the arrays of a state
   * @throws CheckpointException if another driver writes there
   */
  static StoredCheckpoints open(
      CheckpointStore store,
      Network network,
      StateLayout layout,
      Description description,
      Retention retention)
      throws IOException, InterruptedException {
    CheckpointLock lock = store.acquire(store.location());
    try {
      return new StoredCheckpoints(store, lock, network, layout, description, retention);
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  @Override
  public void save(GangState state, int attempt) {
    synchronized (this) {
      boolean isFirst = waiting == null;
      if (!isFirst) {
        leaveOut(waiting.state().position());
      }
      waiting = new Waiting(state, attempt);
      if (!isFirst) {
        return;
      }
    }
    writing = thread.submit(this::writeWaiting);
  }

  /** Short epochs leave out hundreds: only the first is told at once. */
  private void leaveOut(Position position) {
    if (++leftOut == 1) {
      LOG.warn(
          "A checkpoint takes longer to write than the next one to come: that of epoch {}, step {} of"
              + " it, is left out for the newer one. How many were is told at the end; a longer"
              + " checkpoint.every leaves none out.",
          position.epoch() + 1,
          position.stepInEpoch());
    }
  }

  private void writeWaiting() {
    Waiting next;
    synchronized (this) {
      next = waiting;
      waiting = null;
    }
    try {
      CheckpointStore.Written written =
          store.write(checkpoint(next.state()), firstAttempt + next.attempt());
      failure = null;
      LOG.debug("Checkpoint after step {}: {}", written.step(), written.path());
      List<CheckpointStore.Entry> unused = store.prune(retention);
    } catch (IOException | RuntimeException e) { // the thread's top frame: the run goes on
      failure = String.valueOf(e.getMessage());
      LOG.warn("A checkpoint was not written: {}", failure, e);
    }
  }

  private Checkpoint checkpoint(GangState state) {
    ParameterTable parameters = network.parameterTable();
    Weights weights = state.weights();
    List<NamedTensor> model = tensors(weights);
    List<NamedTensor> optimizer = new ArrayList<>();
    for (int slot = 0; slot < layout.total(); slot++) {
      for (NamedTensor each : ModelTensors.of(parameters, state.slots()[slot])) {
        optimizer.add(new NamedTensor(name(slot, each.name()), each.shape(), each.values()));
      }
    }
    List<Checkpoint.Part> parts = new ArrayList<>();
    if (!optimizer.isEmpty()) {
      parts.add(new Checkpoint.Part(OPTIMIZER, optimizer));
    }
    state
        .counts()
        .bestWeights
        .ifPresent(best -> parts.add(new Checkpoint.Part(BEST, tensors(best))));
    return new Checkpoint(
        new CheckpointState(
            state.counts().steps,
            state.position().epoch(),
            state.position().stepInEpoch(),
            description.workers(),
            description.configSha256(),
            WeightsDigest.sha256(
                parameters, weights.parameters(), network.bufferTable(), weights.buffers()),
            details(state)),
        model,
        parts,
        description.words());
  }

  private Map<String, Object> details(GangState state) {
    Map<String, Object> details = state.counts().toMap();
    details.putAll(description.data().words());
    return details;
  }

  private List<NamedTensor> tensors(Weights weights) {
    List<NamedTensor> tensors =
        new ArrayList<>(ModelTensors.of(network.parameterTable(), weights.parameters()));
    tensors.addAll(ModelTensors.of(network.bufferTable(), weights.buffers()));
    return tensors;
  }

  private static String name(int slot, String parameter) {
    return SLOT + slot + "." + parameter;
  }

  @Override
  public Optional<GangState> newest() throws IOException, InterruptedException {
    boolean unused = awaitWritten();
    Optional<CheckpointStore.Loaded> loaded = store.newestValid(LOG::warn);
    return loaded.isEmpty() ? Optional.empty() : Optional.of(state(loaded.get()));
  }

  private GangState state(CheckpointStore.Loaded loaded) throws IOException {
    CheckpointState state = loaded.state();
    if (state.configSha256().equals(description.configSha256())) {
      description.data().check(state.details(), loaded.entry().path());
    } else {
      LOG.warn(
          "Settings that decide the result differ from those of {}: the run will not end with the bits"
              + " of an undisturbed one.",
          loaded.entry().path());
    }
    ConfigurationException.require(
        !layout.hasRanks() || state.workers() == description.workers(),
        "%s must be gone on from by as many workers as it is of, %d: got %d. Each has state of its own,"
            + " by sync.average-every or sync.compression. Set --workers %d, or begin another run from"
            + " its model.safetensors by --init-weights.",
        loaded.entry().path(),
        state.workers(),
        description.workers(),
        state.workers());
    GangState read =
        GangState.empty(
            network,
            layout.total(),
            new Position(state.epoch(), state.stepInEpoch()),
            ProgressCounts.of(state.details()));
    load(loaded.model(), read.weights());
    TensorFile best = loaded.parts().get(BEST);
    if (best != null) {
      Weights weights = Weights.zeros(network);
      load(best, weights);
      read.counts().bestWeights = Optional.of(weights);
    }
    for (int slot = 0; slot < layout.total(); slot++) {
      for (ParameterTable.Entry entry : network.parameterTable().entries()) {
        float[] values = tensor(loaded, name(slot, entry.name()), entry);
        System.arraycopy(values, 0, read.slots()[slot], entry.begin(), values.length);
      }
    }
    return read;
  }

  private void load(TensorFile file, Weights into) throws IOException {
    ModelTensors.load(
        file, network.parameterTable(), into.parameters(), network.bufferTable(), into.buffers());
  }

  private static float[] tensor(
      CheckpointStore.Loaded loaded, String name, ParameterTable.Entry entry)
      throws CheckpointException {
    TensorFile optimizer = loaded.parts().get(OPTIMIZER);
    NamedTensor tensor = optimizer == null ? null : optimizer.tensors().get(name);
    if (tensor == null || !tensor.shape().equals(entry.spec().shape())) {
      throw new CheckpointException(
          "Checkpoint %s must hold the state '%s' of shape %s: found %s. Resume with the optimizer and the sync settings that the run began with."
              .formatted(
                  loaded.entry().path(),
                  name,
                  entry.spec().shape(),
                  tensor == null ? "none" : tensor.shape()));
    }
    return tensor.values();
  }

  @Override
  public Optional<String> awaitSaved() throws InterruptedException {
    return awaitWritten()
        ? Optional.ofNullable(failure)
        : Optional.of("the storage does not answer");
  }

  /** Whether nothing is being written any more. */
  private boolean awaitWritten() throws InterruptedException {
    if (writing == null) {
      return true;
    }
    try {
      writing.get(WRITE_MINUTES, TimeUnit.MINUTES);
      return true;
    } catch (TimeoutException e) {
      LOG.warn(
          "The last checkpoint was not written within {} min: it does not count.", WRITE_MINUTES);
      return false;
    } catch (ExecutionException e) {
      throw new IllegalStateException("The thread that writes checkpoints has failed.", e);
    }
  }

  /** Waits for what is being written, and gives the folder free. */
  @Override
  public void close() throws IOException {
    thread.shutdown();
    synchronized (this) {
      if (leftOut > 1) {
        LOG.warn("{} checkpoints were left out, each for a newer one.", leftOut);
      }
    }
    try {
      if (!thread.awaitTermination(WRITE_MINUTES, TimeUnit.MINUTES)) {
        LOG.warn("The last checkpoint was not written within {} min.", WRITE_MINUTES);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // what is unfinished has no marker
    } finally {
      lock.close();
    }
  }
}
