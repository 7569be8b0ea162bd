package org.backdraft.driver.spark;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.driver.spark.bridge.Executors;
import org.backdraft.driver.spark.bridge.StandaloneMaster;

/**
 * The executors that an application will have when all have started.
 *
 * @param count 0 where nobody knows
 * @param hosts of those that the Master can place, one entry each; empty where it is not known
 */
record ExpectedExecutors(int count, List<String> hosts) {
  private static final Pattern LOCAL_CLUSTER = Pattern.compile("local-cluster\\[\\s*(\\d+)\\s*,.*");

  static ExpectedExecutors of(JavaSparkContext sc) {
    SparkConf conf = sc.getConf();
    int instances = conf.getInt("spark.executor.instances", 0);
    Matcher localCluster = LOCAL_CLUSTER.matcher(sc.master());
    if (localCluster.matches()) {
      return new ExpectedExecutors(Integer.parseInt(localCluster.group(1)), List.of());
    }
    Optional<List<StandaloneMaster.Worker>> workers = StandaloneMaster.workers(sc, sc.master());
    if (workers.isEmpty()) {
      return new ExpectedExecutors(instances, List.of());
    }
    List<String> hosts = hosts(conf, workers.get());
    int count = hosts.size();
    int executorCores = conf.getInt("spark.executor.cores", 0);
    int coresMax = conf.getInt("spark.cores.max", 0);
    if (coresMax > 0) {
      // Without a number of cores for each, the Master spreads them one by one over the Workers.
      count = Math.min(count, coresMax / Math.max(1, executorCores));
    }
    if (instances > 0) {
      count = Math.min(count, instances);
    }
    return new ExpectedExecutors(count, hosts);
  }

  /** The hosts that can take executors, as often as they can. */
  private static List<String> hosts(SparkConf conf, List<StandaloneMaster.Worker> workers) {
    int executorCores = conf.getInt("spark.executor.cores", 0);
    long heap = conf.getSizeAsMb("spark.executor.memory", "1g");
    long overhead =
        conf.contains("spark.executor.memoryOverhead")
            ? conf.getSizeAsMb("spark.executor.memoryOverhead")
            : 0;
    long megabytes = Math.max(1, heap + overhead);
    List<String> hosts = new ArrayList<>();
    for (StandaloneMaster.Worker worker : workers) {
      int byCores =
          executorCores > 0 ? worker.cores() / executorCores : Math.min(1, worker.cores());
      int executors = (int) Math.min(byCores, worker.memoryMegabytes() / megabytes);
      for (int i = 0; i < executors; i++) {
        hosts.add(worker.host());
      }
    }
    return hosts;
  }

  /** A host where an executor is missing, if that is known. */
  String missingHost(List<Executors.Executor> registered) {
    List<String> missing = new ArrayList<>(hosts);
    for (Executors.Executor each : registered) {
      missing.remove(each.host());
    }
    return missing.isEmpty() ? "unknown" : missing.get(0);
  }
}
