package org.backdraft.driver.spark;

import java.util.regex.Pattern;
import org.apache.spark.SparkConf;

/**
 * The options of the JVMs that Spark starts as executors; those of the user come after them and
 * win. Training makes next to no garbage, so the collector without concurrent threads leaves the
 * cores to the workers, and the old generation, where the plan's arrays lie for good, may have
 * nearly all of the heap. Arrays of megabytes want large pages.
 */
final class ExecutorJvm {
  private static final String DEFAULT_OPTIONS = "spark.executor.defaultJavaOptions";
  private static final String USER_OPTIONS = "spark.executor.extraJavaOptions";
  private static final String LARGE_PAGES = "-XX:+UseTransparentHugePages";
  private static final String COLLECTOR = "-XX:+UseParallelGC -XX:NewRatio=8";
  private static final Pattern USER_COLLECTOR = Pattern.compile("-XX:\\+Use\\w*GC\\b");

  private ExecutorJvm() {}

  /** A JVM does not start with two collectors: one that the user has named is the only one. */
  static void apply(SparkConf conf) {
    boolean named = USER_COLLECTOR.matcher(conf.get(USER_OPTIONS, "")).find();
    conf.setIfMissing(DEFAULT_OPTIONS, named ? LARGE_PAGES : LARGE_PAGES + " " + COLLECTOR);
  }
}
