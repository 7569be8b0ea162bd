package org.backdraft.driver;

import static org.backdraft.driver.failure.ConfigurationException.checked;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.checkpoint.CheckpointState;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.checkpoint.Retention;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.DataSource;
import org.backdraft.data.Decoder;
import org.backdraft.data.Normalization;
import org.backdraft.driver.config.CheckpointConfig;
import org.backdraft.driver.config.ScheduleConfig;
import org.backdraft.driver.config.TrainConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.failure.BackdraftException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.sync.StateLayout;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.driver.sync.Updates;
import org.backdraft.driver.worker.DataSpec;
import org.backdraft.driver.worker.HealthRule;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.Position;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.image.Augmentation;
import org.backdraft.kernel.Kernels;
import org.backdraft.leaf.Leaves;
import org.backdraft.nn.Network;
import org.backdraft.nn.TaughtNetwork;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.ParameterBlocks;

/**
 * One training run: checks everything that can be checked before it starts, reads the data into the
 * workers' memory, and trains with a gang of workers.
 *
 * <pre>{@code
 * TrainingReport report =
 *     new TrainingJob(config, (shape, classes) -> ModelZoo.create("lenet5", shape, classes), clusters, listener)
 *         .run();
 * }</pre>
 *
 * <p><b>Threads</b>: {@link #run} blocks its thread, on which the listener is called; interrupting
 * it ends the run.
 */
public final class TrainingJob {
  private final TrainingConfig config;
  private final NetworkFactory networks;
  private final Cluster.Provider clusters;
  private final TrainingListener listener;
  private final Optional<Weights.Source> start;
  private final Optional<CheckpointPlace> place;
  private final StopRequest stop;

  /** A run that starts with weights drawn from {@code train.seed}. */
  public TrainingJob(
      TrainingConfig config,
      NetworkFactory networks,
      Cluster.Provider clusters,
      TrainingListener listener) {
    this(
        config,
        networks,
        clusters,
        listener,
        Optional.empty(),
        Optional.empty(),
        new StopRequest());
  }

  private TrainingJob(
      TrainingConfig config,
      NetworkFactory networks,
      Cluster.Provider clusters,
      TrainingListener listener,
      Optional<Weights.Source> start,
      Optional<CheckpointPlace> place,
      StopRequest stop) {
    this.config = config;
    this.networks = networks;
    this.clusters = clusters;
    this.listener = listener;
    this.start = start;
    this.place = place;
    this.stop = stop;
  }

  /** The same run, starting with the given weights. */
  public TrainingJob startingWith(Weights.Source weights) {
    return new TrainingJob(config, networks, clusters, listener, Optional.of(weights), place, stop);
  }

  /**
   * The same run, with checkpoints that outlive the driver. Without, its last state is kept in the
   * driver's memory.
   */
  public TrainingJob checkpointingIn(CheckpointPlace folder) {
    return new TrainingJob(config, networks, clusters, listener, start, Optional.of(folder), stop);
  }

  /** The same run, which stops when asked by another thread. */
  public TrainingJob stoppingBy(StopRequest request) {
    return new TrainingJob(config, networks, clusters, listener, start, place, request);
  }

  /**
   * Trains.
   *
   * @return how it ended; {@link TrainingReport#requireTarget} is for the caller to ask
   * @throws BackdraftException if it cannot start, or fails; see {@link
   *     BackdraftException#exitCode}
   * @throws org.backdraft.data.DataException if the data cannot be used
   */
  public TrainingReport run() throws IOException {
    stop.watch(Duration.ofSeconds(config.checkpoint().stopSeconds()));
    try {
      return train();
    } catch (BackdraftException e) {
      throw e;
    } catch (InterruptedException e) {
      if (stop.hasInterrupted()) {
        throw stop.describe(e);
      }
      Thread.currentThread().interrupt();
      throw new RunInterruptedException(e);
    } catch (IOException | RuntimeException e) {
      // An interruption takes many forms on its way out of Spark and out of file systems.
      if (stop.hasInterrupted()) {
        throw stop.describe(e);
      }
      throw e;
    } finally {
      stop.endWatch();
    }
  }

  private TrainingReport train() throws IOException, InterruptedException {
    Normalization normalization = checked(() -> Normalization.parse(config.data().normalize()));
    Augmentation augmentation = checked(() -> Augmentation.parse(config.data().augment()));
    DataSets data = DataSets.open(config, clusters, networks);
    Network network = ModelFit.network(networks, config.lossFunction(), data.training());
    ModelFit.batch(batch(data), data.training().examples());
    ModelFit.groups(config, network);
    config.earlyStopping().requireMeasured(data.validation().format(), config.lossFunction());
    Optional<Weights> weights = startWeights(network);
    Cluster.Request request =
        new Cluster.Request(config.train().workers(), config.train().threads());
    Kernels kernels = GangSetup.kernels();
    try (Cluster cluster = clusters.open(request)) {
      Preparation preparation = new Preparation(normalization, augmentation);
      RecordSieve sieve = new RecordSieve(config.data().badRecords(), cluster);
      return train(cluster, kernels, preparation, sound(data, sieve), network, weights)
          .leavingOut(sieve.leftOut());
    }
  }

  /** The sets without what cannot be read, where that is to be left out. */
  private DataSets sound(DataSets data, RecordSieve sieve) throws IOException {
    if (!sieve.isNeeded()) {
      return data;
    }
    DataSets sound = DataSets.open(config, clusters, networks, sieve::of);
    ModelFit.batch(batch(sound), sound.training().examples());
    return sound;
  }

  private int batch(DataSets data) {
    return config.globalBatch(data.training().examples());
  }

  private Optional<Weights> startWeights(Network network) throws IOException {
    if (start.isEmpty()) {
      return Optional.empty();
    }
    Weights weights = start.get().of(network);
    return Optional.of(checked(() -> weights.checkedFor(network)));
  }

  private TrainingReport train(
      Cluster cluster,
      Kernels kernels,
      Preparation preparation,
      DataSets data,
      Network network,
      Optional<Weights> weights)
      throws IOException, InterruptedException {
    Cluster.Placement placement = cluster.placement();
    SyncSpec sync = config.sync().spec(placement.workers());
    ModelSpec model = model(network, batch(data), placement, sync, weights.isPresent());
    GangSetup.workersAndLeaves(placement, model.leaves());
    GangSetup.piecesAndLeaves(config, sync, placement.workers());
    AllReduceAlgorithm unused = config.sync().algorithmFor(placement.workers());
    GangLog.strategy(config.sync(), placement.workers());
    int slots = config.optimizer().rule().stateSlots();
    CheckpointConfig saving = config.checkpoint().of(sync, place.isPresent());
    Updates updates = config.updates();
    StateLayout layout =
        StateLayout.of(updates, sync, placement.workers(), network.parameterTable().size());
    MemoryCheck.check(
        model,
        requests(model, sync, placement.workers(), data.training().examples()),
        List.of(data.training(), data.validation()),
        config.data(),
        !sync.isLeased(),
        placement,
        SyncMemory.of(network, model.leaves(), sync, placement.workers(), slots)
            .and(SyncMemory.ofCopies(config, network))
            .and(SyncMemory.ofBest(config, network))
            .and(SyncMemory.ofCheckpoints(saving, network, sync, layout, model.ownedParameters())),
        kernels);
    try (Cluster.CachedData training = cache(cluster, data.training());
        Cluster.CachedData validation = cache(cluster, data.validation())) {
      Normalization numbers =
          preparation.normalization().resolved(data.training().format(), training::channelSums);
      TrainedOn trainedOn = TrainedOn.of(data.training(), numbers.toString());
      Decoder decoder = GangSetup.decoder(numbers, data.training(), training);
      Baselines.Set trainingSet = new Baselines.Set(data.training(), training, decoder);
      Baselines.tell(
          listener,
          config.baseline(),
          model.metric(decoder),
          trainingSet,
          new Baselines.Set(data.validation(), validation, decoder),
          kernels);
      WorkerTask.Train draft =
          new WorkerTask.Train(
              address(cluster, new GangSecurity()),
              model,
              spec(data.training(), training, augmented(decoder, preparation.augmentation())),
              spec(data.validation(), validation, decoder),
              course(batch(data)),
              updates,
              sync,
              rate(batch(data)),
              new WorkerTask.Continuity(Position.BEGINNING, 1, saving.rule(), 0),
              health());
      TrainingProgress progress =
          new TrainingProgress(
              listener,
              start(draft, placement),
              draft,
              config.sync(),
              new TrainingProgress.Aims(
                  config.train().target(),
                  config.schedule().plateauRule(),
                  config.earlyStopping().rule(),
                  config.earlyStopping().keepsWeights()),
              new SaveTimer(saving.minutes(), System::nanoTime),
              new TrainingProgress.Stopping(stop, unsaved()));
      Gathering gathering = new Gathering(cluster, kernels, progress);
      TrainingReport report;
      DataMark mark = DataMark.of(data.training(), data.validation());
      try (Checkpoints checkpoints = checkpoints(saving, draft, mark, trainedOn)) {
        report =
            sync.isLeased()
                ? trainByLeases(gathering, checkpoints, draft, weights, trainedOn)
                : trainTogether(gathering, checkpoints, draft, weights, trainedOn);
      }
      return measured(report, trainingSet, kernels);
    }
  }

  /** What workers are led with. */
  private record Gathering(Cluster cluster, Kernels kernels, TrainingProgress progress) {}

  private TrainingReport trainTogether(
      Gathering with,
      Checkpoints checkpoints,
      WorkerTask.Train task,
      Optional<Weights> weights,
      TrainedOn data)
      throws IOException, InterruptedException {
    RestartBudget budget = new RestartBudget(config.train().restarts());
    GangTraining gang =
        new GangTraining(
            with.cluster(),
            with.kernels(),
            with.progress(),
            checkpoints,
            budget,
            config.train().nonFinite());
    String digest =
        isResumed() ? gang.resume(task, place.get().directory()) : gang.run(task, weights);
    checkReceived(digest, task.model().network(), with.progress().weights());
    return with.progress().report(digest, data, SyncReport.ofGang(budget.taken()));
  }

  private TrainingReport trainByLeases(
      Gathering with,
      Checkpoints checkpoints,
      WorkerTask.Train task,
      Optional<Weights> weights,
      TrainedOn data)
      throws IOException, InterruptedException {
    WorkerTask.Leased leased =
        new WorkerTask.Leased(task, GangSetup.leases(config, task.gang().worldSize()));
    LeaseTraining training =
        new LeaseTraining(
            with.cluster(),
            with.kernels(),
            with.progress(),
            checkpoints,
            config.sync().leases().snapshotEvery());
    SyncReport report =
        isResumed()
            ? training.resume(leased, place.get().directory())
            : training.run(leased, weights);
    String digest = with.progress().weights().sha256(task.model().network());
    return with.progress().report(digest, data, report);
  }

  private boolean isResumed() {
    return place.isPresent() && place.get().isResumed();
  }

  /** Tells what can be said of the final weights alone. */
  private TrainingReport measured(TrainingReport report, Baselines.Set training, Kernels kernels)
      throws IOException {
    LinearMargin.of(config.lossFunction(), report.network(), report.weights(), training, kernels)
        .ifPresent(listener::onMargin);
    return report;
  }

  /** Why a run that is told to stop cannot be saved. */
  private Optional<String> unsaved() {
    if (place.isEmpty() || config.checkpoint().isNever()) {
      return Optional.of(place.isEmpty() ? "it has no folder" : "checkpoint.every is never");
    }
    return Optional.empty();
  }

  /** What is done to examples before a network sees them. */
  private record Preparation(Normalization normalization, Augmentation augmentation) {}

  private Decoder augmented(Decoder decoder, Augmentation augmentation) {
    long seed = config.train().seed();
    return checked(
        () -> decoder.augmented(augmentation, seed).mixed(config.data().mix().mixing(), seed));
  }

  private Checkpoints checkpoints(
      CheckpointConfig saving, WorkerTask.Train task, DataMark mark, TrainedOn data)
      throws IOException, InterruptedException {
    if (place.isEmpty() || saving.isNever()) {
      return new LatestState();
    }
    Network network = task.model().network();
    return StoredCheckpoints.open(
        CheckpointStore.open(place.get().directory(), clusters.hadoopSettings()),
        network,
        task.stateLayout(),
        new StoredCheckpoints.Description(
            task.gang().worldSize(),
            CheckpointState.sha256(config.identity()),
            mark,
            place.get().words().of(network, data)),
        new Retention(saving.keep(), true));
  }

  private ModelSpec model(
      Network network,
      int batch,
      Cluster.Placement placement,
      SyncSpec sync,
      boolean startsWithWeights) {
    return new ModelSpec(
        network,
        config.lossFunction(),
        config.leaves(),
        batch,
        placement.threads(),
        sync.workerSlots(config.optimizer().rule().stateSlots()),
        sync.ownedParameters(new ParameterBlocks(network.parameterTable()), placement.workers()),
        config.planOptions(network, batch, GangSetup.parts(config, sync, placement.workers())),
        new ModelSpec.Start(startsWithWeights, config.init().initializer(), config.train().seed()));
  }

  /** What the workers' plans are made for; all leases have the same. */
  private List<Plan.Request> requests(ModelSpec model, SyncSpec sync, int workers, int examples) {
    return sync.isLeased()
        ? List.of(GangSetup.leases(config, workers).request(model, examples))
        : model.requests(workers, examples);
  }

  private Cluster.CachedData cache(Cluster cluster, DataSource source) throws IOException {
    return cluster.cache(source, plan(source));
  }

  private BlockPlan plan(DataSource source) {
    return checked(() -> BlockPlan.of(source, config.data().blockBytes()));
  }

  private DataSpec spec(DataSource source, Cluster.CachedData data, Decoder decoder) {
    return new DataSpec(data.blocks(), plan(source), decoder, config.data().cacheBytes());
  }

  private GangAddress address(Cluster cluster, GangSecurity security) {
    return GangSetup.draft(cluster, security.credentials(0), config.sync());
  }

  private WorkerTask.Course course(int batch) {
    TrainConfig train = config.train();
    return new WorkerTask.Course(
        train.epochs(), train.steps(), batch, config.data().shuffle(), train.seed());
  }

  private HealthRule health() {
    TrainConfig train = config.train();
    return new HealthRule(
        train.nonFinite().inARow(),
        train.nonFinite().most(),
        0,
        train.divergence().limits(),
        train.driftCheck());
  }

  private WorkerTask.Rate rate(int batch) {
    ScheduleConfig schedule = config.schedule();
    return new WorkerTask.Rate(
        schedule.initialRate(config.optimizer().learningRate(), batch), schedule.rates());
  }

  private TrainingListener.Start start(WorkerTask.Train task, Cluster.Placement placement) {
    Network all = task.model().network();
    Network network = config.distill().hasTeacher() ? TaughtNetwork.student(all) : all;
    long multiplyAdds = 0;
    for (Network.Node node : network.nodes()) {
      multiplyAdds += node.multiplyAdds();
    }
    Leaves leaves = task.model().leaves();
    return new TrainingListener.Start(
        network.name(),
        network.parameterTable().size(),
        multiplyAdds,
        task.training().examples(),
        task.validation().examples(),
        placement.workers(),
        placement.threads(),
        leaves.count(),
        task.course().globalBatch(),
        task.course().stepsPerEpoch(task.training().examples()),
        config.train().epochs(),
        "",
        placement.master());
  }

  /** What arrived must be what the workers have. */
  private static void checkReceived(String digest, Network network, Weights weights) {
    String received = weights.sha256(network);
    if (!received.equals(digest)) {
      throw new IllegalStateException(
          "The weights that arrived must have the workers' digest %s: they have %s."
              .formatted(digest, received));
    }
  }
}
