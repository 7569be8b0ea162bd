package org.backdraft.jobs.doctor;

import static org.backdraft.jobs.doctor.Finding.Verdict.BAD;
import static org.backdraft.jobs.doctor.Finding.Verdict.FAIR;
import static org.backdraft.jobs.doctor.Finding.Verdict.GOOD;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.spark.SparkEncryption;

/** Spark's settings that matter to a gang of workers, as spark-submit hands them over. */
final class SparkSettings {
  /**
   * One setting.
   *
   * @param standard what Spark does when it is not set
   * @param wanted the value to have; null where any will do
   * @param otherwise how bad another value is
   */
  private record Expectation(
      String name, String standard, String wanted, Finding.Verdict otherwise, String reason) {}

  private static final List<Expectation> EXPECTATIONS =
      List.of(
          new Expectation("spark.master", "this machine", null, GOOD, "where workers run"),
          new Expectation(
              "spark.dynamicAllocation.enabled",
              "false",
              "false",
              BAD,
              "a barrier stage cannot run with it"),
          new Expectation(
              "spark.speculation", "false", "false", BAD, "a rank must not run twice at a time"),
          new Expectation("spark.task.cpus", "1", "1", FAIR, "reading data uses every core with 1"),
          new Expectation(
              "spark.task.maxFailures",
              "4",
              null,
              GOOD,
              "a failed gang is not tried again by Spark"),
          new Expectation(
              "spark.serializer",
              "Backdraft sets Kryo",
              "org.apache.spark.serializer.KryoSerializer",
              FAIR,
              "Java serialisation of blocks is slower"));

  private SparkSettings() {}

  /**
   * One finding for each setting.
   *
   * @param properties of the system
   */
  static List<Finding> findings(Properties properties) {
    List<Finding> findings = new ArrayList<>();
    for (Expectation each : EXPECTATIONS) {
      String value = properties.getProperty(each.name);
      boolean fits = value == null || each.wanted == null || value.equals(each.wanted);
      findings.add(
          new Finding(
              fits ? GOOD : each.otherwise,
              each.name,
              value == null ? each.standard + " (not set)" : value,
              fits ? each.reason : each.reason + "; set it to " + each.wanted));
    }
    findings.add(connections(properties));
    return findings;
  }

  /** What a run without a {@code sync.tls} of its own would do. */
  private static Finding connections(Properties properties) {
    boolean isLocal = properties.getProperty("spark.master", "local").startsWith("local[");
    Cluster.Encryption encryption =
        SparkEncryption.of(
            properties::getProperty, isLocal || !properties.containsKey("spark.master"));
    if (!encryption.isWanted()) {
      return new Finding(
          GOOD,
          "connections",
          "authenticated, not encrypted: " + encryption.reason(),
          "--set sync.tls=true encrypts them");
    }
    String found = "encrypted: " + encryption.reason();
    return encryption.protectsTasks()
        ? new Finding(GOOD, "connections", found, "--set sync.tls=false spares the cost")
        : new Finding(
            FAIR,
            "connections",
            found,
            "their keys travel in Spark's tasks, which are not encrypted; set"
                + " spark.ssl.rpc.enabled, or spark.authenticate and spark.network.crypto.enabled");
  }
}
