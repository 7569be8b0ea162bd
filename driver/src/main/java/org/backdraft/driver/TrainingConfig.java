package org.backdraft.driver;

import static org.backdraft.driver.ConfigurationException.checked;
import static org.backdraft.driver.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.backdraft.driver.sync.SyncSpec;
import org.backdraft.image.Augmentation;
import org.backdraft.leaf.Leaves;
import org.backdraft.loss.Loss;
import org.backdraft.loss.LossSettings;
import org.backdraft.nn.Network;
import org.backdraft.nn.TaughtNetwork;
import org.backdraft.optim.Clipping;
import org.backdraft.optim.LayerwiseOptimizer;
import org.backdraft.optim.Lbfgs;
import org.backdraft.optim.ParameterGroups;
import org.backdraft.optim.Rprop;
import org.backdraft.plan.Plan;
import org.backdraft.tensor.Shape;
import org.backdraft.text.EditDistance;

/**
 * Everything that decides the result of a run, and where it runs; the effective configuration that
 * is written to {@code config.yaml}. Each section checks itself; a {@link ConfigurationException}
 * names the configuration key. {@link #defaults} is the one place where defaults live.
 *
 * @param model name in the zoo, or a model file
 * @param init {@code zero}, {@code normal}, {@code xavier} or {@code he}
 */
public record TrainingConfig(
    String model,
    String init,
    Objective loss,
    Data data,
    OptimizerConfig optimizer,
    ScheduleConfig schedule,
    Train train,
    BatchNormalization batchnorm,
    SyncConfig sync,
    CheckpointConfig checkpoint,
    DistillConfig distill) {
  public TrainingConfig {
    requireName("model", model);
    requireOneOf("init", init, List.of("zero", "normal", "xavier", "he"));
    require(loss != null, "loss must be given.");
    require(data != null, "data must be given.");
    require(optimizer != null, "optimizer must be given.");
    require(schedule != null, "schedule must be given.");
    require(train != null, "train must be given.");
    require(batchnorm != null, "batchnorm must be given.");
    require(sync != null, "sync must be given.");
    require(checkpoint != null, "checkpoint must be given.");
    require(distill != null, "distill must be given.");
    batchnorm.requireFits(train, sync);
    require(
        !data.takesAll() || !batchnorm.sync(),
        "batchnorm.sync needs the whole batch at once, which data.batch=all does not keep in memory:"
            + " set batchnorm.sync=false.");
    require(
        !data.takesAll() || !sync.isLeased(),
        "sync.consistency must be bsp with data.batch=all, since a lease is a part of a batch: got"
            + " %s.",
        sync.consistency());
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
        !(optimizer.rule() instanceof Lbfgs) || data.takesAll(),
        "data.batch must be all with lbfgs, whose line search compares losses of one and the same set:"
            + " got %d.",
        data.batch());
    require(
        !(optimizer.rule() instanceof Lbfgs)
            || (sync.averageEvery() == 1
                && train.average().isNone()
                && train.clipping().equals(Clipping.NONE)
                && optimizer.groups().isBlank()),
        "lbfgs takes the gradient as it is: sync.average-every must be 1, and train.average,"
            + " train.clip, train.clip-value and optimizer.groups must not be set.");
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

  /** LeNet on generated digits, one worker, SGD with momentum. */
  public static TrainingConfig defaults() {
    return new TrainingConfig(
        "lenet5",
        "he",
        Objective.defaults("softmax-cross-entropy"),
        new Data("digits:", "", 0, 64, true, "unit", "", "", 4L << 20, 256L << 20),
        OptimizerConfig.defaults("sgd"),
        ScheduleConfig.defaults("cosine"),
        new Train(
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
        DistillConfig.defaults());
  }

  /** How global batches are cut: as configured, else the default that follows from the batch. */
  public Leaves leaves() {
    return train.leaves() == 0 ? Leaves.defaultFor(data.batch()) : new Leaves(train.leaves());
  }

  /**
   * A text that two configurations share if their runs must end alike: without workers and threads,
   * pieces of a batch, restarts and checkpoints.
   */
  String identity() {
    Train alike =
        new Train(
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
            distill)
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
    int enough = (int) Math.min(most, batch / ((long) Data.PIECE * parts) + 1);
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

  /** When a run is saved; never where it cannot be. */
  public CheckpointConfig saving(SyncSpec spec) {
    return optimizer.rule() instanceof Lbfgs ? checkpoint.never() : checkpoint.of(spec);
  }

  /** The loss with its settings. */
  public Loss lossFunction() {
    return loss.function();
  }

  /** The same, with the number of workers and threads, which do not change the result. */
  public TrainingConfig placedOn(int workers, int threads) {
    Train placed =
        new Train(
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
        model, init, loss, data, optimizer, schedule, placed, batchnorm, sync, checkpoint, distill);
  }

  private static int nextPowerOfTwo(int n) {
    return Integer.highestOneBit(Math.max(1, 2 * n - 1));
  }

  private static void requireName(String key, String value) {
    require(value != null && !value.isBlank(), "%s must be given: got an empty name.", key);
  }

  static void requireOneOf(String key, String value, List<String> known) {
    require(
        value != null && known.contains(value),
        "%s must be one of %s: got '%s'.%s",
        key,
        String.join(", ", known),
        value,
        nearest(value, known));
  }

  private static String nearest(String value, List<String> known) {
    return value == null
        ? ""
        : EditDistance.nearest(value, known).map(n -> " Did you mean '" + n + "'?").orElse("");
  }

  static void requireRate(String key, float value, boolean mayBeZero) {
    require(
        Float.isFinite(value) && (value > 0 || (mayBeZero && value == 0)),
        "%s must be a number %s 0: got %s.",
        key,
        mayBeZero ? "of at least" : "above",
        Float.toString(value));
  }

  static void requireFraction(String key, double value) {
    require(
        value >= 0 && value < 1,
        "%s must lie in [0, 1): got %s.",
        key,
        String.format(Locale.ROOT, "%s", value));
  }

  /**
   * @param train URI of the training set
   * @param val URI of the validation set; empty for the format's own test split
   * @param validation fraction of the training set that is cut off for validation, in [0, 1)
   * @param batch examples of a <em>global</em> batch; {@link #ALL} for those of the training set
   * @param shuffle whether each epoch has its own order; false keeps the source's order
   * @param normalize {@code unit} (x / 255), {@code standard} (zero mean, unit variance per
   *     channel), or {@code mean:std} lists
   * @param image shape that pictures become, {@code 3x224x224}; empty for that of the model
   * @param augment how training images are changed at random; see {@link Augmentation#parse}
   * @param blockBytes about how many encoded bytes a record block holds
   * @param cacheBytes encoded bytes that a worker keeps at hand, fetched blocks included
   */
  public record Data(
      @JsonProperty("train") String train,
      @JsonProperty("val") String val,
      @JsonProperty("validation") double validation,
      @JsonProperty("batch") int batch,
      @JsonProperty("shuffle") boolean shuffle,
      @JsonProperty("normalize") String normalize,
      @JsonProperty("image") String image,
      @JsonProperty("augment") String augment,
      @JsonProperty("block-bytes") long blockBytes,
      @JsonProperty("cache-bytes") long cacheBytes) {
    /** A batch of all examples: {@code all}. */
    public static final int ALL = Integer.MAX_VALUE;

    /** Examples of a piece of such a batch, about. */
    private static final int PIECE = 512;

    private static final int MOST_SIDE = 16_384;

    public Data {
      requireName("data.train", train);
      require(val != null, "data.val must be a URI, or empty for the format's own test split.");
      requireFraction("data.validation", validation);
      require(
          val.isEmpty() || validation == 0,
          "data.val and data.validation must not both be given: got '%s' and %s.",
          val,
          validation);
      require(batch >= 1, "data.batch must be at least 1: got %d.", batch);
      requireName("data.normalize", normalize);
      require(image != null, "data.image must be a shape, or empty for that of the model.");
      Optional<Shape> unusedShape = imageShape(image);
      require(augment != null, "data.augment must be a list of steps, or empty for none.");
      Augmentation unused = checked(() -> Augmentation.parse(augment));
      require(blockBytes >= 1, "data.block-bytes must be at least 1: got %d.", blockBytes);
      require(cacheBytes >= 1, "data.cache-bytes must be at least 1: got %d.", cacheBytes);
    }

    /** Whether a batch is the whole training set. */
    public boolean takesAll() {
      return batch == ALL;
    }

    /** The shape that pictures become; empty for that of the model. */
    Optional<Shape> imageShape() {
      return imageShape(image);
    }

    private static Optional<Shape> imageShape(String text) {
      if (text.isEmpty()) {
        return Optional.empty();
      }
      int[] dims = new int[0];
      try {
        dims = Arrays.stream(text.split("x", -1)).mapToInt(Integer::parseInt).toArray();
      } catch (NumberFormatException e) {
        // What is no number is refused below.
      }
      require(
          dims.length == 3 && Arrays.stream(dims).allMatch(d -> d >= 1 && d <= MOST_SIDE),
          "data.image must be channels x height x width, such as 3x224x224, sides up to %d: got"
              + " '%s'.",
          MOST_SIDE,
          text);
      return Optional.of(Shape.of(dims));
    }
  }

  /**
   * The loss: what {@link LossSettings} says.
   *
   * @param classWeights numbers with commas between them, one for each class; empty for all 1
   */
  public record Objective(
      @JsonProperty("name") String name,
      @JsonProperty("label-smoothing") float labelSmoothing,
      @JsonProperty("class-weights") String classWeights,
      @JsonProperty("ignored-label") int ignoredLabel,
      @JsonProperty("delta") float delta,
      @JsonProperty("margin") float margin) {
    public Objective {
      requireOneOf("loss.name", name, LossSettings.names());
      require(classWeights != null, "loss.class-weights must be numbers, or empty for all 1.");
      Loss unused = function(name, labelSmoothing, classWeights, ignoredLabel, delta, margin);
    }

    /** A loss without settings of its own; see {@link LossSettings#defaults}. */
    public static Objective defaults(String name) {
      LossSettings d = LossSettings.defaults();
      return new Objective(name, d.labelSmoothing(), "", d.ignoredLabel(), d.delta(), d.margin());
    }

    /** The loss. */
    public Loss function() {
      return function(name, labelSmoothing, classWeights, ignoredLabel, delta, margin);
    }

    private static Loss function(
        String name,
        float labelSmoothing,
        String classWeights,
        int ignoredLabel,
        float delta,
        float margin) {
      List<Float> weights = weights(classWeights);
      return checked(
          () ->
              new LossSettings(labelSmoothing, weights, ignoredLabel, delta, margin).create(name));
    }

    private static List<Float> weights(String text) {
      List<Float> weights = new ArrayList<>();
      try {
        for (String each : text.isBlank() ? new String[0] : text.split(",", -1)) {
          weights.add(Float.parseFloat(each.trim()));
        }
      } catch (NumberFormatException e) {
        throw new ConfigurationException(
            "loss.class-weights must be numbers with commas between them, like 1,0.5,2: got '%s'."
                .formatted(text),
            e);
      }
      return weights;
    }
  }

  /**
   * @param epochs passes over the data, at least 1
   * @param steps stop after this many steps; 0 for no limit
   * @param leaves V; 0 for the default that follows from the batch
   * @param accumulate into how many pieces, at least, each worker's part of a batch is cut, to be
   *     computed one after the other: gradients accumulate, in memory for one piece; at most the
   *     leaves that a worker has
   * @param workers 0 for one locally, one per executor on a cluster
   * @param threads per worker; 0 for cores / workers locally, the executor's cores on a cluster
   * @param target validation accuracy that the run must reach, and at which it stops; 0 for none
   * @param clip bound of the gradient's norm, 0 for none; see {@link Clipping}
   * @param clipValue bound of each element of the gradient, 0 for none
   * @param restarts of all workers within ten minutes, after one was lost or has failed; 0 for none
   * @param freeze patterns of names of parameters and buffers that are not trained, with commas
   *     between them; empty for none
   * @param driftCheck after so many steps workers compare their weights; 0 for never
   * @param average of weights that is validated and kept
   * @param nonFinite what becomes of a step whose numbers are not finite
   * @param divergence when a loss counts as diverged
   */
  public record Train(
      @JsonProperty("epochs") int epochs,
      @JsonProperty("steps") long steps,
      @JsonProperty("leaves") int leaves,
      @JsonProperty("accumulate") int accumulate,
      @JsonProperty("workers") int workers,
      @JsonProperty("threads") int threads,
      @JsonProperty("seed") long seed,
      @JsonProperty("target") double target,
      @JsonProperty("clip") float clip,
      @JsonProperty("clip-value") float clipValue,
      @JsonProperty("restarts") int restarts,
      @JsonProperty("freeze") String freeze,
      @JsonProperty("drift-check") long driftCheck,
      @JsonProperty("average") AveragingConfig average,
      @JsonProperty("non-finite") NonFiniteConfig nonFinite,
      @JsonProperty("divergence") DivergenceConfig divergence) {
    public Train {
      require(epochs >= 1, "train.epochs must be at least 1: got %d.", epochs);
      require(steps >= 0, "train.steps must be at least 0 (no limit): got %d.", steps);
      require(
          leaves >= 0 && leaves <= Leaves.MAX && (leaves == 0 || Integer.bitCount(leaves) == 1),
          "train.leaves must be a power of two in [1, %d], or 0 for the default: got %d.",
          Leaves.MAX,
          leaves);
      require(
          accumulate >= 1 && (leaves == 0 || accumulate <= leaves),
          "train.accumulate must be at least 1, and at most the number of leaves: got %d.",
          accumulate);
      require(workers >= 0, "train.workers must be at least 0 (the default): got %d.", workers);
      require(threads >= 0, "train.threads must be at least 0 (the default): got %d.", threads);
      require(
          target >= 0 && target <= 1,
          "train.target must be an accuracy in [0, 1], 0 for none: got %s.",
          target);
      require(restarts >= 0, "train.restarts must be at least 0: got %d.", restarts);
      require(freeze != null, "train.freeze must be patterns of names, or empty for none.");
      require(average != null, "train.average must be given.");
      require(nonFinite != null, "train.non-finite must be given.");
      require(divergence != null, "train.divergence must be given.");
      require(driftCheck >= 0, "train.drift-check must be at least 0: got %d.", driftCheck);
      Clipping unused = checked(() -> new Clipping(clip, clipValue));
    }

    /** How gradients are bounded. */
    public Clipping clipping() {
      return new Clipping(clip, clipValue);
    }
  }

  /**
   * Settings of every batch normalization.
   *
   * @param sync whether statistics in training are those of the whole global batch, over all
   *     workers; else of each leaf
   */
  public record BatchNormalization(@JsonProperty("sync") boolean sync) {
    private void requireFits(Train train, SyncConfig config) {
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
