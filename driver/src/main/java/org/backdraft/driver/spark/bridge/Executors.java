package org.backdraft.driver.spark.bridge;

import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import scala.jdk.javaapi.CollectionConverters;

/** The executors of an application, as Spark's status store knows them. */
public final class Executors {
  private static final Logger LOG = LoggerFactory.getLogger(Executors.class);
  private static final String DRIVER = "driver";

  private Executors() {}

  /**
   * One executor that is alive.
   *
   * @param id as Spark names it
   * @param host where it runs
   * @param cores that it offers
   */
  public record Executor(String id, String host, int cores) {}

  /** Those that have registered and live; the driver is not among them. */
  public static List<Executor> alive(JavaSparkContext sc) {
    List<Executor> executors = new ArrayList<>();
    for (ExecutorSummary each :
        CollectionConverters.asJava(sc.sc().statusStore().executorList(true))) {
      if (!each.id().equals(DRIVER)) {
        String hostPort = each.hostPort();
        int colon = hostPort.lastIndexOf(':');
        String host = colon < 0 ? hostPort : hostPort.substring(0, colon);
        executors.add(new Executor(each.id(), host, each.totalCores()));
      }
    }
    return executors;
  }

  /**
   * Has the cluster manager end an executor, by force if it does not answer, and start another in
   * its place; waits until it has been told. One that is gone already is no error.
   */
  public static void replace(JavaSparkContext sc, String id) {
    boolean isTold = sc.sc().killAndReplaceExecutor(id);
    LOG.warn(
        isTold
            ? "Executor {} does not answer: the cluster ends and replaces it."
            : "Executor {} does not answer, and the cluster did not take the word to replace it.",
        id);
  }

  /** The id of the executor that this code runs in; {@code driver} in local mode. */
  public static String here() {
    return SparkEnv.get().executorId();
  }

  /** The address of the executor that this code runs in, as others reach it. */
  public static String hostHere() {
    return SparkEnv.get().blockManager().blockManagerId().host();
  }
}
