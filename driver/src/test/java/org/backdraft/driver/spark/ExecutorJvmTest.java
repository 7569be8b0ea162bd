package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkConf;
import org.junit.jupiter.api.Test;

class ExecutorJvmTest {
  private static final String DEFAULT_OPTIONS = "spark.executor.defaultJavaOptions";
  private static final String USER_OPTIONS = "spark.executor.extraJavaOptions";

  private final SparkConf conf = new SparkConf(false);

  @Test
  void namesCollectorAndLargePages() {
    ExecutorJvm.apply(conf);

    assertThat(conf.get(DEFAULT_OPTIONS).split(" "))
        .contains("-XX:+UseParallelGC", "-XX:+UseTransparentHugePages");
    assertThat(conf.contains(USER_OPTIONS)).isFalse();
  }

  @Test
  void leavesTheCollectorToTheUser() {
    conf.set(USER_OPTIONS, "-Dx=y -XX:+UseG1GC");

    ExecutorJvm.apply(conf);

    assertThat(conf.get(DEFAULT_OPTIONS)).isEqualTo("-XX:+UseTransparentHugePages");
    assertThat(conf.get(USER_OPTIONS)).isEqualTo("-Dx=y -XX:+UseG1GC");
  }

  @Test
  void addsToOptionsThatNameNoCollector() {
    conf.set(USER_OPTIONS, "-XX:-UseGCOverheadLimit -XX:+UseStringDeduplication");

    ExecutorJvm.apply(conf);

    assertThat(conf.get(DEFAULT_OPTIONS)).contains("-XX:+UseParallelGC");
  }

  @Test
  void keepsTheUsersOwnDefaults() {
    conf.set(DEFAULT_OPTIONS, "-XX:+UseZGC");

    ExecutorJvm.apply(conf);

    assertThat(conf.get(DEFAULT_OPTIONS)).isEqualTo("-XX:+UseZGC");
  }
}
