package org.backdraft.driver.spark;

import org.backdraft.driver.spark.bridge.Executors;
import org.backdraft.driver.spark.bridge.OrdinaryStage;
import org.backdraft.driver.worker.Worker;
import org.backdraft.driver.worker.WorkerPlace;
import org.backdraft.driver.worker.WorkerTask;

/** What the closure of a worker's task holds that may be started again: the worker's task. */
record LeasedBody(WorkerTask.Leased task) implements OrdinaryStage.Body {
  @Override
  public void run(int rank, int start) throws Exception {
    new Worker(task, new WorkerPlace(rank, start, Executors.hostHere(), Executors.here())).run();
  }
}
