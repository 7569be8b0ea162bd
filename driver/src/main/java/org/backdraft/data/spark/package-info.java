/**
 * Record blocks in Spark's block manager, and what Spark computes over them.
 *
 * <p>Start with {@link org.backdraft.data.spark.CachedBlocks}. Depends on {@code data}, Spark's
 * Java API and the bridge.
 */
package org.backdraft.data.spark;
