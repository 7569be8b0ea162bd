package org.backdraft.driver;

import java.util.HashMap;
import java.util.Map;
import org.backdraft.driver.control.Hello;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log which ranks have come together, and what is odd about their places. */
final class GangLog {
  private static final Logger LOG = LoggerFactory.getLogger(GangLog.class);

  private GangLog() {}

  /** Says so where the result will depend on the number of workers. */
  static void strategy(SyncConfig sync, int workers) {
    if (!sync.isExact()) {
      LOG.info(
          "sync.compression={} and sync.average-every={} trade exactness for bytes: the weights of"
              + " this run are those of {} worker(s), and other numbers of workers give others.",
          sync.compression(),
          sync.averageEvery(),
          workers);
    }
  }

  static void joined(Hello[] hellos, Cluster.Placement placement) {
    Map<String, Integer> rankOfJvm = new HashMap<>();
    for (Hello each : hellos) {
      LOG.info(
          "Rank {} runs in executor {} on {} (pid {}, {} cores): {}; {}",
          each.rank(),
          each.executorId(),
          each.host(),
          each.pid(),
          each.cores(),
          each.kernels(),
          each.tuning());
      Integer other = rankOfJvm.put(each.jvmId(), each.rank());
      if (other != null && placement.workersPerJvm() == 1) {
        LOG.warn(
            "Ranks {} and {} share executor {} on {}, and so its cores and its heap.",
            other,
            each.rank(),
            each.executorId(),
            each.host());
      }
      if (!each.kernels().equals(hellos[0].kernels())) {
        LOG.warn(
            "Rank {} on {} runs other kernels than rank 0; the weights are the same, the speed is"
                + " not: {}",
            each.rank(),
            each.host(),
            each.kernels());
      }
    }
    if (!hellos[0].fastKernels()) {
      LOG.warn("The workers run slow kernels: {}", hellos[0].kernels());
    }
  }
}
