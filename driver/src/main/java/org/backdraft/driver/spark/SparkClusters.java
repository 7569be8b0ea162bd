package org.backdraft.driver.spark;

import java.time.Duration;
import java.util.Optional;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.deploy.SparkHadoopUtil;
import org.backdraft.data.HadoopSettings;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.failure.ConfigurationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens Spark for a run: the cluster that spark-submit or {@code --master} names, else a local
 * master of our own with as many slots as workers.
 */
public final class SparkClusters implements Cluster.Provider {
  private static final Logger LOG = LoggerFactory.getLogger(SparkClusters.class);
  private static final String MASTER = "spark.master";

  /**
   * How long executors may take to register: below the minute in which a run that cannot start must
   * end.
   */
  private static final Duration EXECUTORS = Duration.ofSeconds(40);

  private final SparkConf conf;
  private final int cores;

  /**
   * @param master empty for what spark-submit has set, else a local master
   * @param cores of this machine
   */
  public SparkClusters(Optional<String> master, int cores) {
    this(configured(new SparkConf(), master), cores);
  }

  SparkClusters(SparkConf conf, int cores) {
    this.conf = conf;
    this.cores = cores;
  }

  private static SparkConf configured(SparkConf conf, Optional<String> master) {
    master.ifPresent(url -> conf.set(MASTER, url));
    return conf;
  }

  /**
   * Runs on a context that the caller has made and will stop; its settings stay as they are.
   *
   * @param cores of this machine
   */
  public static Cluster.Provider using(JavaSparkContext sc, int cores) {
    return new GivenSpark(sc, cores);
  }

  @Override
  public HadoopSettings hadoopSettings() {
    return HadoopSettings.of(SparkHadoopUtil.get().newConfiguration(conf));
  }

  @Override
  public Cluster open(Cluster.Request request) throws InterruptedException {
    SparkConf settings = conf.clone();
    if (!settings.contains(MASTER)) {
      settings.setMaster("local[" + Math.max(1, request.workers()) + "]");
      return openLocal(settings, request, cores);
    }
    MasterUrl master = MasterUrl.of(settings.get(MASTER), cores);
    if (!master.isLocal()) {
      return openCluster(settings, request);
    }
    if (!master.isFixed() && request.workers() > master.localSlots()) {
      // local[*] asks for no certain number, and workers may be more than cores.
      settings.setMaster("local[" + request.workers() + "]");
    } else {
      checkSlots(master, request);
    }
    return openLocal(settings, request, master.localSlots());
  }

  private static void checkSlots(MasterUrl master, Cluster.Request request) {
    if (request.workers() > master.localSlots()) {
      throw new ConfigurationException(
          "train.workers must be at most the %d slots of the master %s: got %d. Set --master local[%d], or leave the master away."
              .formatted(master.localSlots(), master.url(), request.workers(), request.workers()));
    }
  }

  private Cluster openLocal(SparkConf settings, Cluster.Request request, int availableCores) {
    SparkDefaults.apply(settings);
    SparkDefaults.applyLocal(settings);
    SparkHeap.checkHere(settings);
    SparkPlacement placement = SparkPlacement.local(settings, request, availableCores);
    if (placement.placement().workers() * placement.placement().threads() > cores) {
      LOG.warn(
          "{} workers with {} threads each share {} cores: this is slower than fewer threads.",
          placement.placement().workers(),
          placement.placement().threads(),
          cores);
    }
    return new SparkCluster(new JavaSparkContext(settings), placement, false);
  }

  /** A context that is the caller's to stop. */
  private record GivenSpark(JavaSparkContext sc, int cores) implements Cluster.Provider {
    @Override
    public HadoopSettings hadoopSettings() {
      return HadoopSettings.of(sc.hadoopConfiguration());
    }

    @Override
    public Cluster open(Cluster.Request request) throws InterruptedException {
      MasterUrl master = MasterUrl.of(sc.master(), cores);
      if (!master.isLocal()) {
        return new SparkCluster(sc, SparkPlacement.onExecutors(sc, request, EXECUTORS), true);
      }
      checkSlots(master, request);
      SparkPlacement placement = SparkPlacement.local(sc.getConf(), request, master.localSlots());
      return new SparkCluster(sc, placement, true);
    }
  }

  private static Cluster openCluster(SparkConf settings, Cluster.Request request)
      throws InterruptedException {
    SparkDefaults.apply(settings);
    SparkHeap.checkExecutors(settings);
    SparkHeap.checkHere(settings);
    JavaSparkContext sc = new JavaSparkContext(settings);
    try {
      return new SparkCluster(sc, SparkPlacement.onExecutors(sc, request, EXECUTORS), false);
    } catch (InterruptedException | RuntimeException e) {
      SparkStop.stop(sc);
      throw e;
    }
  }
}
