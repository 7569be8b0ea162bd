package org.backdraft.driver;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.backdraft.data.BadExample;
import org.backdraft.data.BadRecordRule;
import org.backdraft.data.BlockPlan;
import org.backdraft.data.ChannelSums;
import org.backdraft.data.ClassSurvey;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.Split;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.failure.TooManyFailuresException;
import org.backdraft.driver.worker.BlockSource;
import org.backdraft.driver.worker.WorkerTask;

/** Where workers run and data are kept: Spark, or threads in a test. Used by one thread. */
public interface Cluster extends AutoCloseable {
  /**
   * What a run asks of a cluster.
   *
   * @param workers 0 for the cluster's default
   * @param threads of each worker, 0 for the cluster's default
   */
  record Request(int workers, int threads) {}

  /** Opens the cluster that a run is to use. */
  interface Provider {
    /** How files are reached; known before the cluster is opened. */
    default HadoopSettings hadoopSettings() {
      return HadoopSettings.defaults();
    }

    /**
     * Opens and checks the data of a URI, before the cluster is opened.
     *
     * @throws ConfigurationException if there is no such format, or it refuses an option
     */
    default DataSource source(String uri, Split split, BadRecordRule rule) throws IOException {
      try {
        return DataSources.open(uri, split, hadoopSettings(), rule);
      } catch (IllegalArgumentException e) {
        throw new ConfigurationException(e.getMessage(), e);
      }
    }

    /**
     * @throws ConfigurationException if it cannot give what is asked for
     */
    Cluster open(Request request) throws InterruptedException;
  }

  /**
   * What the cluster gives.
   *
   * @param workers of a gang
   * @param threads of each worker
   * @param master as Spark names it
   * @param driverHost where workers find the driver
   * @param bindHost the local address for that
   * @param workersPerJvm that share one heap
   * @param heap of the JVM of a worker
   * @param driver the heap of this JVM
   */
  record Placement(
      int workers,
      int threads,
      String master,
      String driverHost,
      String bindHost,
      int workersPerJvm,
      Heap heap,
      DriverHeap driver) {}

  /**
   * The heap of the driver's JVM.
   *
   * @param option how its user raises it: {@code --driver-memory}
   * @param holdsWorkers whether it is the workers' heap too
   */
  record DriverHeap(long bytes, String option, boolean holdsWorkers) {}

  /**
   * The heap of each JVM that workers run in, and what else lies there.
   *
   * @param bytes of one JVM
   * @param option how its user raises it: {@code -Xmx}
   * @param jvms over which cached data is spread
   * @param mostWorkers that one JVM may have to hold
   * @param reservedBytes that are not for cached data
   * @param storageFraction of the rest that cached data may fill before it goes to disk, in [0, 1)
   */
  record Heap(
      long bytes,
      String option,
      int jvms,
      int mostWorkers,
      long reservedBytes,
      double storageFraction) {
    /**
     * The smallest heap that holds {@code fixedBytes} beside cached data: all of {@code
     * cachedBytes}, or as much of it as is kept in memory.
     */
    long neededBytes(long fixedBytes, long cachedBytes) {
      double spilling = (fixedBytes - storageFraction * reservedBytes) / (1 - storageFraction);
      long withSpilling = Math.max(fixedBytes, (long) StrictMath.ceil(spilling));
      return Math.min(fixedBytes + cachedBytes, withSpilling);
    }
  }

  Placement placement();

  /**
   * What the cluster's own connections are like, which ours follow unless told otherwise.
   *
   * @param isWanted whether something asks that what travels be encrypted
   * @param reason what asks, or that nothing does, for people
   * @param protectsTasks whether nobody on the network can read the tasks that the cluster ships,
   *     and our keys in them
   */
  record Encryption(boolean isWanted, String reason, boolean protectsTasks) {}

  /** Whether connections are to be encrypted. */
  default Encryption encryption() {
    return new Encryption(false, "nothing asks for it", true);
  }

  /** Data that workers hold. */
  interface CachedData extends AutoCloseable {
    /** For the tasks of gangs. */
    BlockSource blocks();

    /** Exact sums over all examples. */
    ChannelSums channelSums() throws IOException;

    /**
     * How often each class is, and the records of some examples.
     *
     * @param ids in rising order
     */
    ClassSurvey survey(int classes, int[] ids) throws IOException;

    /** Lets the workers drop the data. */
    @Override
    void close();
  }

  /**
   * Reads every example of a source whose examples are files of their own.
   *
   * @return those that cannot be read, by id
   */
  default List<BadExample> badExamples(DataSource source) throws IOException {
    return BadExample.find(source, 0, source.examples());
  }

  /**
   * Reads a source once into the workers' memory.
   *
   * @throws org.backdraft.data.DataException if it is not what its header says
   */
  CachedData cache(DataSource source, BlockPlan plan) throws IOException;

  /**
   * How long the ranks of a gang may take to start and to come together; below the minute in which
   * a run that cannot start must end.
   */
  default Duration registrationTimeout() {
    return Duration.ofSeconds(45);
  }

  /**
   * Ends and replaces a worker's process that does not answer any more, where the cluster can; the
   * workers that share it are lost with it. Returns at once.
   *
   * @param executorId as the worker has introduced itself
   */
  default void replace(String executorId) {}

  /**
   * Waits until there is room for all workers again, after some were lost.
   *
   * @throws TooManyFailuresException if there is not before a deadline
   */
  default void awaitWorkers() throws InterruptedException {}

  /** Starts the ranks of a gang, all or none. */
  Gang start(WorkerTask task);

  /**
   * Starts workers, each as soon as there is room for it. One that fails or is lost is started
   * again, under the next number, as often as the cluster tries a task.
   */
  Gang startEach(WorkerTask.Leased task);

  /** Ends everything, within a deadline. */
  @Override
  void close();

  /** The running tasks of one attempt. */
  interface Gang {
    /** Waits for the end of all tasks, at most {@code timeout}; whether they have ended. */
    boolean await(Duration timeout) throws InterruptedException;

    /** What ended the tasks; empty while they run and when they ended well. */
    Optional<Throwable> failure();

    /** The host of a rank's task, where it is known that it was started. */
    Optional<String> hostOf(int rank);

    /** Which executors the cluster has lost since the gang started, and why; empty for none. */
    default Optional<String> lostExecutors() {
      return Optional.empty();
    }

    /** Interrupts all tasks; returns at once. */
    void cancel(String reason);
  }
}
