package org.backdraft.data.spark;

import java.io.IOException;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import org.backdraft.data.DataException;

/** Runs an action of Spark, so that what was wrong with the data reaches the caller as such. */
final class SparkJob {
  private static final String DESCRIPTION = "spark.job.description";

  private SparkJob() {}

  /**
   * Runs {@code action} under a description that Spark's pages show.
   *
   * @throws DataException the first one in the failure's chain of causes
   */
  static <T> T run(JavaSparkContext sc, String description, Callable<T> action) throws IOException {
    String before = sc.getLocalProperty(DESCRIPTION);
    sc.setLocalProperty(DESCRIPTION, description);
    try {
      return action.call();
    } catch (RuntimeException e) {
      throw asData(e);
    } catch (Exception e) {
      // Scala throws SparkException, a checked exception, without declaring it.
      throw asData(new IllegalStateException(description + ": " + e.getMessage(), e));
    } finally {
      sc.setLocalProperty(DESCRIPTION, before);
    }
  }

  private static RuntimeException asData(RuntimeException e) throws DataException {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof DataException) {
        throw new DataException(cause.getMessage(), e);
      }
    }
    return e;
  }
}
