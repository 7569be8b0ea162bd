package org.backdraft.driver.config;

import static org.backdraft.driver.config.ConfigChecks.requireName;
import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.sync.Updates;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Distillation;
import org.backdraft.nn.Network;
import org.backdraft.nn.TaughtNetwork;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.ImplicitSgd;
import org.backdraft.optim.LayerwiseOptimizer;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.optim.Rprop;
import org.backdraft.optim.SearchRule;
import org.backdraft.plan.Plan;

/**
 * Everything that decides the result of a run, and where it runs; the effective configuration that
 * is written to {@code config.yaml}. Each section checks itself; a {@link ConfigurationException}
 * names the configuration key. {@link #defaults} is the one place where defaults live.
 *
 * @param model name in the zoo, or a model file
 */
public record TrainingConfig(
    String model,
    InitConfig init,
    LossConfig loss,
    DataConfig data,
    OptimizerConfig optimizer,
    ScheduleConfig schedule,
    TrainConfig train,
    BatchNormalization batchnorm,
    SyncConfig sync,
    CheckpointConfig checkpoint,
    DistillConfig distill,
    @JsonProperty("early-stopping") EarlyStoppingConfig earlyStopping,
    BaselineConfig baseline,
    @JsonProperty("cross-validation") CrossValidationConfig crossValidation) {
  public TrainingConfig {
    requireName("model", model);
    require(init != null, "init must be given.");
    require(loss != null, "loss must be given.");
    require(data != null, "data must be given.");
    require(optimizer != null, "optimizer must be given.");
    require(schedule != null, "schedule must be given.");
    require(train != null, "train must be given.");
    require(batchnorm != null, "batchnorm must be given.");
    require(sync != null, "sync must be given.");
    require(checkpoint != null, "checkpoint must be given.");
    require(distill != null, "distill must be given.");
    require(earlyStopping != null, "early-stopping must be given.");
    require(baseline != null, "baseline must be given.");
    require(crossValidation != null, "cross-validation must be given.");
    crossValidation.requireFits(data, train);
    batchnorm.requireFits(train, sync);
    schedule.requireFits(optimizer.learningRate());
    data.mix()
        .requireFits(
            data.batch(),
            train.leaves() == 0 ? Leaves.defaultFor(data.batch()) : new Leaves(train.leaves()));
    require(
        !data.takesAll() || !batchnorm.sync(),
        "batchnorm.sync needs the whole batch at once, which data.batch=all does not keep in memory:"
            + " set batchnorm.sync=false.");
    require(
        !data.takesAll() || !sync.isLeased(),
        "sync.consistency must be bsp with data.batch=all, since a lease is a part of a batch: got"
            + " %s.",
        sync.consistency());
    require(
        !distill.hasTeacher()
            || !(loss.function() instanceof HeadLosses)
            || distill.layer().match() == Distillation.Match.OUTPUTS,
        "distill.match must be outputs with loss.name=heads, whose outputs are no single choice of a"
            + " class: got %s.",
        distill.match());
    train.nonFinite().requireFits(sync);
    int leaves = train.leaves();
    require(
        train.workers() <= (leaves == 0 ? Leaves.defaultFor(data.batch()).count() : leaves),
        "train.workers must be at most the number of leaves (%d): got %d. Set train.leaves=%d, the"
            + " same for every run that is compared.",
        leaves == 0 ? Leaves.defaultFor(data.batch()).count() : leaves,
        train.workers(),
        nextPowerOfTwo(train.workers()));
    require(
        !sync.isLeased() || !(optimizer.rule() instanceof LayerwiseOptimizer),
        "sync.consistency must be bsp with %s, which needs sums over whole tensors: got %s.",
        optimizer.name(),
        sync.consistency());
    require(
        !sync.isLeased() || !(optimizer.rule() instanceof Rprop),
        "sync.consistency must be bsp with rprop, whose steps do not shrink with the part of a"
            + " batch that they are made from: got %s.",
        sync.consistency());
    require(
        !(optimizer.rule() instanceof SearchRule) || data.takesAll(),
        "data.batch must be all with %s, whose line search compares losses of one and the same set:"
            + " got %d.",
        optimizer.name(),
        data.batch());
    require(
        !(optimizer.rule() instanceof SearchRule)
            || (sync.averageEvery() == 1
                && train.average().isNone()
                && train.clipping().equals(Clipping.NONE)
                && optimizer.groups().isBlank()),
        "%s takes the gradient as it is: sync.average-every must be 1, and train.average,"
            + " train.clip, train.clip-value and optimizer.groups must not be set.",
        optimizer.name());
    requireImplicitFits(optimizer, data, train, sync);
    require(
        train.average().isNone() || (!sync.isLeased() && sync.averageEvery() == 1),
        "train.average needs workers that have the same weights after each step: sync.consistency must"
            + " be bsp and sync.average-every 1, got %s and %d.",
        sync.consistency(),
        sync.averageEvery());
    require(
        !sync.isLeased() || schedule.plateauRule().isEmpty(),
        "sync.consistency must be bsp with schedule.name=plateau, which all workers have to hear of"
            + " at the same step: got %s.",
        sync.consistency());
  }

  /** Whether every evaluation of an implicit step can be of the same batch, and exact. */
  private static void requireImplicitFits(
      OptimizerConfig optimizer, DataConfig data, TrainConfig train, SyncConfig sync) {
    if (!(optimizer.rule() instanceof ImplicitSgd)) {
      return;
    }
    require(
        !data.takesAll() && train.accumulate() == 1,
        "%s evaluates a batch several times, so it has to be in memory at once: data.batch must not be"
            + " all, and train.accumulate must be 1.",
        optimizer.name());
    require(
        sync.strategy().equals("allreduce")
            && sync.averageEvery() == 1
            && sync.compression().equals("none"),
        "%s needs exact gradients at each evaluation: sync.strategy must be allreduce,"
            + " sync.average-every 1 and sync.compression none, got %s, %d and %s.",
        optimizer.name(),
        sync.strategy(),
        sync.averageEvery(),
        sync.compression());
    require(
        train.clipping().equals(Clipping.NONE) && optimizer.groups().isBlank(),
        "%s takes the gradient as it is: train.clip, train.clip-value and optimizer.groups must not"
            + " be set.",
        optimizer.name());
  }

  /** LeNet on generated digits, one worker, SGD with momentum. */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        "lenet5",
        InitConfig.defaults(),
        LossConfig.defaults("softmax-cross-entropy"),
        new DataConfig(
            "digits:",
            "",
            0,
            64,
            true,
            "unit",
            "",
            "",
            4L << 20,
            256L << 20,
            BadRecordsConfig.defaults(),
            MixConfig.defaults(),
            LimitConfig.defaults()),
        OptimizerConfig.defaults("sgd"),
        ScheduleConfig.defaults("cosine"),
        new TrainConfig(
            5,
            0,
            0,
            1,
            0,
            0,
            1,
            0,
            0,
            0,
            4,
            "",
            0,
            AveragingConfig.defaults(),
            NonFiniteConfig.defaults(),
            DivergenceConfig.defaults()),
        new BatchNormalization(false),
        SyncConfig.defaults(),
        CheckpointConfig.defaults(),
        DistillConfig.defaults(),
        EarlyStoppingConfig.defaults(),
        BaselineConfig.defaults(),
        CrossValidationConfig.defaults());
  }

  /** How global batches are cut: as configured, else the default that follows from the batch. */
  public Leaves leaves() {
    return train.leaves() == 0 ? Leaves.defaultFor(data.batch()) : new Leaves(train.leaves());
  }

  /**
   * A text that two configurations share if their runs must end alike: without workers and threads,
   * pieces of a batch, restarts and checkpoints.
   */
  public String identity() {
    TrainConfig alike =
        new TrainConfig(
            train.epochs(),
            train.steps(),
            leaves().count(),
            1,
            0,
            0,
            train.seed(),
            train.target(),
            train.clip(),
            train.clipValue(),
            0,
            train.freeze(),
            0,
            train.average(),
            train.nonFinite(),
            train.divergence());
    return new TrainingConfig(
            model,
            init,
            loss,
            data,
            optimizer,
            schedule,
            alike,
            batchnorm,
            sync,
            CheckpointConfig.defaults(),
            distill,
            earlyStopping,
            BaselineConfig.defaults(),
            crossValidation)
        .toString();
  }

  /**
   * The examples of a global batch.
   *
   * @param examples of the training set
   */
  public int globalBatch(int examples) {
    return data.takesAll() ? examples : data.batch();
  }

  /**
   * Into how many pieces, at least, each worker cuts its part of a batch: as configured, or more of
   * a batch of all examples, so that memory does not grow with it while there are leaves to cut.
   *
   * @param batch examples of a global batch
   * @param parts that a batch is computed in by different workers, at most as many as leaves
   */
  public int pieces(int batch, int parts) {
    if (!data.takesAll()) {
      return train.accumulate();
    }
    int most = Math.max(1, leaves().count() / parts);
    int enough = (int) Math.min(most, batch / ((long) DataConfig.PIECE * parts) + 1);
    return Math.max(train.accumulate(), enough);
  }

  /** How workers compute their part of a batch; arguments as in {@link #pieces}. */
  public Plan.Options planOptions(Network network, int batch, int parts) {
    return new Plan.Options(
        pieces(batch, parts),
        batchnorm.sync(),
        parameterGroups().frozenLayers(network.bufferTable()),
        parameterGroups().untrainedLayers(network.parameterTable()));
  }

  /** Which parameters the optimizer treats otherwise than the others. */
  public ParameterGroups parameterGroups() {
    String teacher = distill.hasTeacher() ? "," + TaughtNetwork.PREFIX + "*" : "";
    return optimizer.parameterGroups(train.freeze() + teacher);
  }

  /** What turns sums of gradients into the next parameters. */
  public Updates updates() {
    return new Updates(
        optimizer.rule(),
        parameterGroups(),
        train.clipping(),
        train.average().averaging(),
        train.seed(),
        train.nonFinite().skips());
  }

  /** The loss with its settings. */
  public Loss lossFunction() {
    return loss.function();
  }

  /** The same, with the number of workers and threads, which do not change the result. */
  public TrainingConfig placedOn(int workers, int threads) {
    TrainConfig placed =
        new TrainConfig(
            train.epochs(),
            train.steps(),
            leaves().count(),
            train.accumulate(),
            workers,
            threads,
            train.seed(),
            train.target(),
            train.clip(),
            train.clipValue(),
            train.restarts(),
            train.freeze(),
            train.driftCheck(),
            train.average(),
            train.nonFinite(),
            train.divergence());
    return new TrainingConfig(
        model,
        init,
        loss,
        data,
        optimizer,
        schedule,
        placed,
        batchnorm,
        sync,
        checkpoint,
        distill,
        earlyStopping,
        baseline,
        crossValidation);
  }

  private static int nextPowerOfTwo(int n) {
    return Integer.highestOneBit(Math.max(1, 2 * n - 1));
  }

  /**
   * Settings of every batch normalization.
   *
   * @param sync whether statistics in training are those of the whole global batch, over all
   *     workers; else of each leaf
   */
  public record BatchNormalization(@JsonProperty("sync") boolean sync) {
    private void requireFits(TrainConfig train, SyncConfig config) {
      require(
          !sync || train.accumulate() == 1,
          "batchnorm.sync needs the whole batch at once: train.accumulate must be 1, got %d.",
          train.accumulate());
      require(
          !sync || (config.strategy().equals("allreduce") && config.averageEvery() == 1),
          "batchnorm.sync needs workers that sum in every step: sync.strategy must be allreduce and"
              + " sync.average-every 1, got %s and %d.",
          config.strategy(),
          config.averageEvery());
    }
  }
}
