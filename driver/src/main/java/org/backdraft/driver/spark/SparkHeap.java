package org.backdraft.driver.spark;

import java.util.List;
import java.util.Locale;
import org.apache.spark.SparkConf;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.driver.spark.bridge.Executors;

/**
 * The heaps that workers share with Spark, whose block manager fills {@code spark.memory.fraction}
 * of what it does not reserve (UnifiedMemoryManager of Spark 4.1) and then spills to disk.
 */
final class SparkHeap {
  private static final String EXECUTOR_MEMORY = "spark.executor.memory";
  private static final String EXECUTOR_OPTION = "--executor-memory ";

  /** What Spark reserves of every heap; it refuses one below one and a half times this. */
  private static final long RESERVED_BYTES = 300L << 20;

  private static final long LEAST_BYTES = RESERVED_BYTES + RESERVED_BYTES / 2;

  private SparkHeap() {}

  /** This JVM's heap, with all workers in it. */
  static Cluster.Heap here(SparkConf conf, int workers) {
    return heap(conf, Runtime.getRuntime().maxMemory(), localOption(conf), 1, workers);
  }

  /**
   * This JVM's heap, as the driver's.
   *
   * @param holdsWorkers whether workers run in this JVM
   */
  static Cluster.DriverHeap driver(SparkConf conf, boolean holdsWorkers) {
    return new Cluster.DriverHeap(
        Runtime.getRuntime().maxMemory(), localOption(conf), holdsWorkers);
  }

  /**
   * The heaps of the executors.
   *
   * @param mostWorkers that Spark may put into one of them
   */
  static Cluster.Heap of(SparkConf conf, List<Executors.Executor> executors, int mostWorkers) {
    return heap(conf, executorBytes(conf), EXECUTOR_OPTION, executors.size(), mostWorkers);
  }

  private static Cluster.Heap heap(
      SparkConf conf, long bytes, String option, int jvms, int mostWorkers) {
    double fraction = conf.getDouble("spark.memory.fraction", 0.6);
    return new Cluster.Heap(bytes, option, jvms, mostWorkers, RESERVED_BYTES, fraction);
  }

  /**
   * @throws ConfigurationException if Spark would not start in this JVM
   */
  static void checkHere(SparkConf conf) {
    check(Runtime.getRuntime().maxMemory(), "this JVM", localOption(conf));
  }

  /**
   * @throws ConfigurationException if Spark would not start an executor
   */
  static void checkExecutors(SparkConf conf) {
    check(executorBytes(conf), "an executor", EXECUTOR_OPTION);
  }

  private static void check(long bytes, String whose, String option) {
    if (bytes < LEAST_BYTES) {
      throw new ConfigurationException(
          String.format(
              Locale.ROOT,
              "Spark needs a heap of at least %d MB: %s has %d MB. Set %s%dm.",
              LEAST_BYTES >> 20,
              whose,
              bytes >> 20,
              option,
              (LEAST_BYTES >> 20) + 150));
    }
  }

  private static long executorBytes(SparkConf conf) {
    return conf.getSizeAsBytes(EXECUTOR_MEMORY, "1g");
  }

  /** spark-submit has an option of its own for the JVM that it starts. */
  private static String localOption(SparkConf conf) {
    return conf.contains("spark.app.submitTime") ? "--driver-memory " : "-Xmx";
  }
}
