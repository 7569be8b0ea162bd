package org.backdraft.driver.spark;

import org.backdraft.driver.spark.bridge.BarrierStage;
import org.backdraft.driver.spark.bridge.Executors;
import org.backdraft.driver.worker.Worker;
import org.backdraft.driver.worker.WorkerPlace;
import org.backdraft.driver.worker.WorkerTask;

/** What the closure of a gang's task holds: the worker's task, and nothing else. */
record GangBody(WorkerTask task) implements BarrierStage.Body {
  @Override
  public void run(int rank) throws Exception {
    new Worker(task, new WorkerPlace(rank, 0, Executors.hostHere(), Executors.here())).run();
  }
}
