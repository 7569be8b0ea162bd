/**
 * What the command line needs to know of Spark: how an exit code gets through spark-submit.
 *
 * <p>Start with {@link org.backdraft.jobs.spark.SubmittedExit}. Depends on Spark alone.
 */
package org.backdraft.jobs.spark;
