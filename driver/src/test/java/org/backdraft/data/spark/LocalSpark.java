package org.backdraft.data.spark;

import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;

/** Spark contexts for tests, with the strict serialiser that Backdraft gives its own contexts. */
final class LocalSpark {
  private LocalSpark() {}

  static SparkConf settings(String master) {
    return new SparkConf()
        .setMaster(master)
        .setAppName("backdraft tests")
        .set("spark.ui.enabled", "false")
        .set("spark.driver.bindAddress", "127.0.0.1")
        .set("spark.driver.host", "127.0.0.1")
        .set("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .set("spark.kryo.registrator", BackdraftRegistrator.class.getName())
        .set("spark.kryo.registrationRequired", "true");
  }

  static JavaSparkContext context(String master) {
    return new JavaSparkContext(settings(master));
  }
}
