package org.backdraft.driver.spark.bridge;

import java.io.Serializable;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import scala.Function1;
import scala.reflect.ClassTag$;

/**
 * N tasks that start each as there is room for it. Spark starts a task again that fails or whose
 * executor is lost, up to {@code spark.task.maxFailures} times in all, while the others go on.
 */
public final class OrdinaryStage {
  private OrdinaryStage() {}

  /** What each task does. */
  public interface Body extends Serializable {
    /**
     * @param rank the task's partition, in [0, N)
     * @param start which try of the task it is, from 0
     */
    void run(int rank, int start) throws Exception;
  }

  /**
   * Runs the tasks and returns when all have ended well; blocks.
   *
   * @param taskCpus as for {@link BarrierStage#run}
   */
  public static void run(JavaSparkContext sc, int tasks, int taskCpus, Body body) {
    Function1<scala.collection.Iterator<Integer>, scala.collection.Iterator<Integer>> task =
        (Function1<scala.collection.Iterator<Integer>, scala.collection.Iterator<Integer>>
                & Serializable)
            unused ->
                BarrierStage.runOne(rank -> body.run(rank, TaskContext.get().attemptNumber()));
    JavaRDD<Integer> workers =
        BarrierStage.ranks(sc, tasks, taskCpus)
            .mapPartitions(task, false, ClassTag$.MODULE$.<Integer>apply(Integer.class))
            .toJavaRDD();
    long unused = workers.count();
  }
}
