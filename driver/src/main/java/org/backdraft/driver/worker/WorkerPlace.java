package org.backdraft.driver.worker;

/**
 * Where a worker runs.
 *
 * @param rank in [0, worldSize)
 * @param host a local address that peers can reach
 * @param executorId as Spark names it
 */
public record WorkerPlace(int rank, String host, String executorId) {}
