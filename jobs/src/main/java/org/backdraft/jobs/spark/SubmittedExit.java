package org.backdraft.jobs.spark;

import org.apache.spark.SparkUserAppException;

/**
 * Ends an application that spark-submit started. {@code System.exit} must not be called there: on
 * YARN it turns into a failure with a code of its own.
 */
public final class SubmittedExit {
  private SubmittedExit() {}

  /**
   * Whether this JVM was started by spark-submit, which sets this property for each of its modes.
   */
  public static boolean applies() {
    return System.getProperty("spark.submit.deployMode") != null;
  }

  /**
   * Hands a code to spark-submit, which exits with it; returns when the code is 0.
   *
   * @throws SparkUserAppException that spark-submit and YARN's application master understand
   */
  public static void with(int exitCode) throws SparkUserAppException {
    if (exitCode != 0) {
      throw new SparkUserAppException(exitCode, null);
    }
  }
}
