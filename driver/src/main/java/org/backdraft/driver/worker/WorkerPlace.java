package org.backdraft.driver.worker;

/**
 * Where a worker runs.
 *
 * @param rank in [0, worldSize)
 * @param start which start of this rank's worker it is, from 0
 * @param host a local address that peers can reach
 * @param executorId as Spark names it
 * @param jvmId equal for workers of one JVM, and only for them
 */
public record WorkerPlace(int rank, int start, String host, String executorId, String jvmId) {
  /** In this JVM. */
  public WorkerPlace(int rank, int start, String host, String executorId) {
    this(rank, start, host, executorId, JvmId.value());
  }
}
