package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.backdraft.driver.Cluster;
import org.junit.jupiter.api.Test;

class SparkEncryptionTest {
  private static Cluster.Encryption of(Map<String, String> settings) {
    return SparkEncryption.of(settings::get, false);
  }

  @Test
  void whoAsksSparkToEncryptWantsItOfUsToo() {
    for (String key :
        new String[] {
          "spark.ssl.enabled",
          "spark.ssl.rpc.enabled",
          "spark.network.crypto.enabled",
          "spark.authenticate.enableSaslEncryption"
        }) {
      assertThat(of(Map.of(key, "true")).isWanted()).as(key).isTrue();
      assertThat(of(Map.of(key, "true")).reason()).isEqualTo(key + "=true");
      assertThat(of(Map.of(key, "false")).isWanted()).as(key).isFalse();
    }
    assertThat(of(Map.of()).isWanted()).isFalse();
    assertThat(of(Map.of("spark.authenticate", "true")).isWanted()).isFalse();
  }

  @Test
  void tasksAreProtectedWhereSparkEncryptsRpcOrNothingLeavesTheJvm() {
    assertThat(of(Map.of()).protectsTasks()).isFalse();
    assertThat(SparkEncryption.of(key -> null, true).protectsTasks()).isTrue();
    assertThat(of(Map.of("spark.ssl.enabled", "true")).protectsTasks()).isFalse();
    assertThat(of(Map.of("spark.ssl.rpc.enabled", "true")).protectsTasks()).isTrue();
    assertThat(of(Map.of("spark.network.crypto.enabled", "true")).protectsTasks()).isFalse();
    assertThat(
            of(Map.of("spark.network.crypto.enabled", "true", "spark.authenticate", "true"))
                .protectsTasks())
        .isTrue();
  }
}
