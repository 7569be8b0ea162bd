/**
 * Where examples come from: sources, record blocks, epoch order, batches. Pure Java.
 *
 * <p>Start with {@link org.backdraft.data.DataSource} and {@link org.backdraft.data.RecordBlock}.
 */
package org.backdraft.data;
