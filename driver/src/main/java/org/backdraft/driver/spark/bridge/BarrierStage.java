package org.backdraft.driver.spark.bridge;

import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.resource.ResourceProfile;
import org.apache.spark.resource.ResourceProfileBuilder;
import org.apache.spark.resource.TaskResourceRequests;
import scala.Function1;
import scala.jdk.javaapi.CollectionConverters;
import scala.reflect.ClassTag$;

/**
 * A barrier stage: N tasks that start together or not at all. For gang scheduling alone; {@code
 * barrier()} and {@code allGather()} of Spark's barrier context sleep a second a call and are never
 * called.
 */
public final class BarrierStage {
  private BarrierStage() {}

  /** What each task does. */
  public interface Body extends Serializable {
    /**
     * @param rank the task's partition, in [0, N)
     */
    void run(int rank) throws Exception;
  }

  /**
   * Runs the tasks and returns when all have ended well; blocks.
   *
   * @param taskCpus cores that each task asks for; 0 for {@code spark.task.cpus}, which is all that
   *     local mode knows
   */
  public static void run(JavaSparkContext sc, int tasks, int taskCpus, Body body) {
    RDD<Integer> ranks = ranks(sc, tasks, taskCpus);
    Function1<scala.collection.Iterator<Integer>, scala.collection.Iterator<Integer>> task =
        (Function1<scala.collection.Iterator<Integer>, scala.collection.Iterator<Integer>>
                & Serializable)
            unused -> runOne(body);
    JavaRDD<Integer> gang =
        ranks
            .barrier()
            .mapPartitions(task, false, ClassTag$.MODULE$.<Integer>apply(Integer.class))
            .toJavaRDD();
    long unused = gang.count();
  }

  /** One partition for each task; see {@link #run}. */
  static RDD<Integer> ranks(JavaSparkContext sc, int tasks, int taskCpus) {
    RDD<Integer> ranks =
        PlacedRdd.reading(
                sc, Integer.class, tasks, List.of(), partition -> List.of(partition).iterator())
            .rdd();
    if (taskCpus == 0) {
      return ranks;
    }
    TaskResourceRequests requests = new TaskResourceRequests().cpus(taskCpus);
    ResourceProfile profile = new ResourceProfileBuilder().require(requests).build();
    return ranks.withResources(profile);
  }

  /** What a task does, in Spark's terms. */
  static scala.collection.Iterator<Integer> runOne(Body body) {
    try {
      body.run(TaskContext.getPartitionId());
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new GangTaskException(e.toString(), e);
    }
    Iterator<Integer> nothing = List.<Integer>of().iterator();
    return CollectionConverters.asScala(nothing);
  }

  /** A checked exception of a task, under a name that Spark may throw. */
  static final class GangTaskException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    GangTaskException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
