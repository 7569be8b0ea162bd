package org.backdraft.driver.worker;

/**
 * Where a worker runs.
 *
 * @param rank in [0, worldSize)
 * @param start which start of this rank's worker it is, from 0
 * @param host a local address that peers can reach
 * @param executorId as Spark names it
 */
public record WorkerPlace(int rank, int start, String host, String executorId) {}
