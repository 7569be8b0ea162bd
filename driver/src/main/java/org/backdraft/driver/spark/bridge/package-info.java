/**
 * The one place that imports {@code scala.*}: Spark's block manager and barrier stages without
 * Scala types in what others call.
 *
 * <p>Start with {@link org.backdraft.driver.spark.bridge.SparkBlocks}. Depends on Spark alone.
 */
package org.backdraft.driver.spark.bridge;
