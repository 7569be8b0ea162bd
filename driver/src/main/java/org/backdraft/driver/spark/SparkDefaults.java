package org.backdraft.driver.spark;

import org.apache.spark.SparkConf;
import org.backdraft.data.spark.BackdraftRegistrator;
import org.backdraft.driver.failure.ConfigurationException;

/** The settings of a Spark context that Backdraft creates; what the user has set stays. */
final class SparkDefaults {
  private SparkDefaults() {}

  /**
   * Settings for any master.
   *
   * @throws ConfigurationException if dynamic allocation is on: a gang cannot shrink
   */
  static void apply(SparkConf conf) {
    if (conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      throw new ConfigurationException(
          "spark.dynamicAllocation.enabled must be false: a gang of workers starts together and"
              + " stays together. Set --conf spark.dynamicAllocation.enabled=false and"
              + " --num-executors.");
    }
    conf.setIfMissing("spark.app.name", "backdraft");
    conf.setIfMissing("spark.serializer", "org.apache.spark.serializer.KryoSerializer");
    conf.setIfMissing("spark.kryo.registrator", BackdraftRegistrator.class.getName());
    conf.setIfMissing("spark.kryo.registrationRequired", "true");
    conf.setIfMissing("spark.ui.showConsoleProgress", "false");
    // A gang that does not fit right away is tried again after this, by default after 15 s.
    conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.interval", "1s");
    conf.setIfMissing("spark.scheduler.barrier.maxConcurrentTasksCheck.maxFailures", "40");
    conf.setIfMissing("spark.barrier.sync.timeout", "60s"); // a year by default
    conf.setIfMissing("spark.network.timeout", "60s");
    // An executor that stands still is lost after 20 to 25 s, also while data is read and no gang
    // watches it; the data plane waits less. A connection may be quiet for longer.
    conf.setIfMissing("spark.storage.blockManagerHeartbeatTimeoutMs", "20s");
    conf.setIfMissing("spark.network.timeoutInterval", "5s");
    conf.setIfMissing("spark.executor.heartbeatInterval", "5s");
    ExecutorJvm.apply(conf);
  }

  /** Settings for a master in this JVM, which nobody but this machine needs to reach. */
  static void applyLocal(SparkConf conf) {
    conf.setIfMissing("spark.ui.enabled", "false");
    conf.setIfMissing("spark.driver.host", "127.0.0.1");
    conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1");
  }
}
