package org.backdraft.driver;

import java.util.Collections;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.control.Hello;
import org.backdraft.driver.control.SyncChoice;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says in the log which ranks have come together, and what is odd about their places. */
final class GangLog {
  private static final Logger LOG = LoggerFactory.getLogger(GangLog.class);

  private GangLog() {}

  /** Says so where the result will depend on the number of workers. */
  static void strategy(SyncConfig sync, int workers) {
    if (!sync.isExact() && sync.isReproducible()) {
      LOG.warn(
          "The weights of this run are those of {} worker(s), other numbers of workers give others:"
              + " sync.order={}, sync.compression={}, sync.average-every={}.",
          workers,
          sync.order(),
          sync.compression(),
          sync.averageEvery());
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

  static void chosen(SyncChoice choice, int workers) {
    if (workers > 1) {
      LOG.info("{} workers sum by {}: {}", workers, choice.algorithm().word(), choice.reason());
    }
    choice.probe().ifPresent(GangLog::measured);
  }

  private static void measured(ProbeResult probe) {
    for (ProbeResult.AlgorithmTime each : probe.timings()) {
      LOG.info(
          String.format(
              Locale.ROOT,
              "%s: %.3f ms for %d floats, %.1f µs for %d",
              each.algorithm().word(),
              1e3 * each.longSeconds(),
              probe.elements(),
              1e6 * each.shortSeconds(),
              probe.shortElements()));
    }
    ProbeResult.LinkSpeed slowest = probe.slowestLink();
    LOG.info(
        String.format(
            Locale.ROOT,
            "The slowest of %d links, from rank %d to %d: %.0f MB/s, %.1f µs a message; the slowest"
                + " adder: %.1f GB/s. Measured in %.2f s.",
            probe.links().size(),
            slowest.from(),
            slowest.to(),
            1e-6 * slowest.bytesPerSecond(),
            1e6 * slowest.messageSeconds(),
            1e-9 * Collections.min(probe.adderBytesPerSecond()),
            probe.seconds()));
  }
}
