/**
 * {@code checkpoint list}, {@code verify} and {@code prune}: a run's checkpoints from the command
 * line.
 *
 * <p>Start with {@link org.backdraft.jobs.checkpoint.CheckpointCommand}.
 */
package org.backdraft.jobs.checkpoint;
