/**
 * Backdraft on Spark: the context, the executors, the gang's barrier stage, workers that are
 * started again.
 *
 * <p>Start with {@link org.backdraft.driver.spark.SparkClusters}. Depends on {@code driver}, {@code
 * driver.worker}, {@code data.spark}, the bridge, and Spark's Java API.
 */
package org.backdraft.driver.spark;
