package org.backdraft.jobs.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.backdraft.jobs.doctor.Finding.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CheckupTest {
  @Test
  void oldJdkIsBad() {
    assertThat(Checkup.jdk(11).verdict()).isEqualTo(Verdict.BAD);
    assertThat(Checkup.jdk(17).verdict()).isEqualTo(Verdict.GOOD);
    assertThat(Checkup.jdk(25).advice()).contains("17 or 21");
  }

  @Test
  void smallHeapIsFairAndSaysWhatToSet() {
    assertThat(Checkup.heap(256L << 20).verdict()).isEqualTo(Verdict.FAIR);
    assertThat(Checkup.heap(256L << 20).advice()).contains("-Xmx");
  }

  @Test
  void missingTemporaryFolderIsBad(@TempDir Path folder) {
    assertThat(Checkup.temporarySpace(folder.resolve("none")).verdict()).isEqualTo(Verdict.BAD);
    assertThat(Checkup.temporarySpace(folder).verdict()).isNotEqualTo(Verdict.BAD);
  }

  @Test
  void settingsThatBreakAGangAreBadAndSayWhatToSet() {
    Properties properties = new Properties();
    properties.setProperty("spark.dynamicAllocation.enabled", "true");
    List<Finding> bad =
        SparkSettings.findings(properties).stream()
            .filter(each -> each.verdict() == Verdict.BAD)
            .toList();
    assertThat(bad).hasSize(1);
    assertThat(bad.get(0).advice()).contains("barrier").contains("set it to false");
  }

  @Test
  void connectionsAreSaidToBeEncryptedOrNot() {
    Properties properties = new Properties();
    assertThat(connections(properties).found()).startsWith("authenticated, not encrypted");
    properties.setProperty("spark.authenticate", "true");
    assertThat(connections(properties).found()).startsWith("authenticated, not encrypted");

    properties.setProperty("spark.network.crypto.enabled", "true");
    properties.setProperty("spark.master", "spark://host:7077");
    assertThat(connections(properties).verdict()).isEqualTo(Verdict.GOOD);
    assertThat(connections(properties).found())
        .isEqualTo("encrypted: spark.network.crypto.enabled=true");

    properties.setProperty("spark.authenticate", "false");
    assertThat(connections(properties).verdict()).isEqualTo(Verdict.FAIR);
    assertThat(connections(properties).advice()).contains("spark.ssl.rpc.enabled");
  }

  private static Finding connections(Properties properties) {
    return SparkSettings.findings(properties).stream()
        .filter(each -> each.subject().equals("connections"))
        .findFirst()
        .orElseThrow();
  }
}
