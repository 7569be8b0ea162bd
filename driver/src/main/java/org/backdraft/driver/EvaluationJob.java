package org.backdraft.driver;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.DataSource;
import org.backdraft.data.Normalization;
import org.backdraft.data.Split;
import org.backdraft.driver.config.DataConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.LeafScores;
import org.backdraft.driver.failure.BackdraftException;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.RunInterruptedException;
import org.backdraft.driver.failure.TrainingDivergedException;
import org.backdraft.driver.worker.DataSpec;
import org.backdraft.driver.worker.ModelSpec;
import org.backdraft.driver.worker.WorkerTask;
import org.backdraft.init.Initializer;
import org.backdraft.kernel.Kernels;
import org.backdraft.nn.Dropout;
import org.backdraft.nn.Network;
import org.backdraft.plan.Plan;

/**
 * Evaluates given weights on a data set, with the same gang that trains and to the same bits for
 * any number of workers.
 */
public final class EvaluationJob {
  private final TrainingConfig config;
  private final NetworkFactory networks;
  private final Cluster.Provider clusters;
  private final Weights.Source weights;
  private final TrainedOn trainedOn;
  private final boolean reestimates;

  /**
   * @param config {@code data.val} is the set, or empty for the test split of {@code data.train};
   *     normalisation, loss, batch, leaves, workers and threads are used, the rest is not
   * @param trainedOn what is known of the data that the weights are from
   */
  public EvaluationJob(
      TrainingConfig config,
      NetworkFactory networks,
      Cluster.Provider clusters,
      Weights.Source weights,
      TrainedOn trainedOn) {
    this(config, networks, clusters, weights, trainedOn, false);
  }

  private EvaluationJob(
      TrainingConfig config,
      NetworkFactory networks,
      Cluster.Provider clusters,
      Weights.Source weights,
      TrainedOn trainedOn,
      boolean reestimates) {
    this.config = config;
    this.networks = networks;
    this.clusters = clusters;
    this.weights = weights;
    this.trainedOn = trainedOn;
    this.reestimates = reestimates;
  }

  /**
   * The same on a set of another distribution than the one that the weights are from: running
   * statistics of batch normalizations are first estimated anew from the set's inputs, by one
   * worker. Labels are not used for it.
   */
  public EvaluationJob reestimating() {
    return new EvaluationJob(config, networks, clusters, weights, trainedOn, true);
  }

  /**
   * Evaluates.
   *
   * @throws BackdraftException if it cannot start, or fails
   * @throws org.backdraft.data.DataException if the data cannot be used
   */
  public EvaluationReport run() throws IOException {
    DataConfig data = config.data();
    Normalization normalization =
        ConfigurationException.checked(() -> Normalization.parse(data.normalize()));
    String uri = data.val().isEmpty() ? data.train() : data.val();
    DataSource source =
        DataSets.sized(clusters.source(uri, Split.GIVEN, data.badRecords().rule()), data, networks);
    trainedOn.requireClassesOf(source);
    Network network = network(source);
    Weights given = weights.of(network);
    Weights start = ConfigurationException.checked(() -> given.checkedFor(network));
    Cluster.Request request =
        new Cluster.Request(reestimates ? 1 : config.train().workers(), config.train().threads());
    Kernels kernels = GangSetup.kernels();
    try (Cluster cluster = clusters.open(request)) {
      RecordSieve sieve = new RecordSieve(data.badRecords(), cluster);
      DataSource sound = sieve.isNeeded() ? sieve.of(source) : source;
      return evaluate(cluster, kernels, normalization, sound.forEvaluation(), network, start);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RunInterruptedException(e);
    }
  }

  private Network network(DataSource source) {
    Network network = ModelFit.network(networks, config.lossFunction(), source);
    if (!reestimates) {
      return network;
    }
    ConfigurationException.require(
        network.bufferTable().size() > 0,
        "Statistics are estimated anew for batch normalization: '%s' has none.",
        network.name());
    ConfigurationException.require(
        config.train().workers() <= 1,
        "Statistics of batch normalization are estimated anew by one worker: got %d.",
        config.train().workers());
    return Dropout.withoutIn(network);
  }

  private EvaluationReport evaluate(
      Cluster cluster,
      Kernels kernels,
      Normalization normalization,
      DataSource source,
      Network network,
      Weights start)
      throws IOException, InterruptedException {
    Cluster.Placement placement = cluster.placement();
    GangSetup.workersAndLeaves(placement, config.leaves());
    int batch = config.globalBatch(source.examples());
    ModelSpec model =
        new ModelSpec(
            network,
            config.lossFunction(),
            config.leaves(),
            batch,
            placement.threads(),
            0,
            0,
            new Plan.Options(
                config.data().takesAll() && !reestimates
                    ? config.pieces(batch, placement.workers())
                    : 1,
                reestimates),
            new ModelSpec.Start(true, Initializer.DEFAULT, config.train().seed()));
    BlockPlan plan =
        ConfigurationException.checked(() -> BlockPlan.of(source, config.data().blockBytes()));
    MemoryCheck.check(
        model,
        model.requests(placement.workers(), source.examples()),
        List.of(source),
        config.data(),
        true,
        placement,
        SyncMemory.NONE,
        kernels);
    try (Cluster.CachedData cached = cluster.cache(source, plan)) {
      DataSpec spec =
          new DataSpec(
              cached.blocks(),
              plan,
              GangSetup.decoder(normalization, source, cached),
              config.data().cacheBytes());
      GangAddress draft =
          GangSetup.draft(cluster, new GangSecurity().credentials(0), config.sync());
      WorkerTask.Evaluate task = new WorkerTask.Evaluate(draft, model, spec, reestimates);
      Scores scores = new Scores();
      Attempt attempt =
          new Attempt(cluster, GangSetup.rules(draft, model, 0, ranks -> List.of(), false), scores);
      Attempt.Outcome unused =
          GangSetup.run(attempt, draft, task::at, StartState.beginning(Optional.of(start)));
      LeafScores.Total total = scores.total;
      return new EvaluationReport(
          total.loss(),
          total.accuracy(),
          total.top5(),
          total.examples(),
          total.metrics(model.metric(spec.decoder())));
    }
  }

  /** Keeps the one total that there is. */
  private static final class Scores implements Attempt.Observer {
    private LeafScores.Total total = LeafScores.Total.NONE;

    @Override
    public void joined(Hello[] hellos) {}

    @Override
    public void chosen(GangEvent.Chosen event) {
      throw new IllegalStateException("An evaluation sums nothing.");
    }

    @Override
    public void stepped(GangEvent.Stepped event) {
      throw new IllegalStateException("An evaluation has no steps.");
    }

    @Override
    public void timed(GangEvent.Timed event) {
      throw new IllegalStateException("An evaluation has no steps.");
    }

    @Override
    public boolean scored(int epoch, LeafScores.Total total) {
      this.total = total;
      return false;
    }

    @Override
    public boolean keepsWeights() {
      return false;
    }

    @Override
    public double rateScale() {
      return 1;
    }

    @Override
    public void weighed(GangEvent.Weighed event) {
      throw new IllegalStateException("An evaluation returns no weights.");
    }

    @Override
    public void stated(GangEvent.OfState event) {
      throw new IllegalStateException("An evaluation has no state.");
    }

    @Override
    public int signal() {
      return 0;
    }

    @Override
    public boolean hasStopped() {
      return false;
    }

    @Override
    public TrainingDivergedException diverged(List<GangEvent.Failed> reports) {
      throw new IllegalStateException("An evaluation cannot diverge.");
    }
  }
}
