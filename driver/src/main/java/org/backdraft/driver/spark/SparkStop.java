package org.backdraft.driver.spark;

import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.concurrent.NamedThreadFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stops a Spark context within a deadline, also when an executor no longer answers. */
final class SparkStop {
  private static final Logger LOG = LoggerFactory.getLogger(SparkStop.class);
  private static final long DEADLINE_MILLIS = 10_000;

  private SparkStop() {}

  static void stop(JavaSparkContext sc) {
    Thread stopper = new NamedThreadFactory("spark-stop").newThread(sc::stop);
    stopper.start();
    try {
      stopper.join(DEADLINE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (stopper.isAlive()) {
      LOG.warn(
          "Spark has not stopped within {} ms; going on without it. The cluster's master ends the"
              + " executors when this process ends.",
          DEADLINE_MILLIS);
    }
  }
}
