/**
 * The command line: one class for each command, the same on a laptop and under spark-submit.
 *
 * <p>Start with {@link org.backdraft.jobs.Backdraft}, the only entry point, and {@link
 * org.backdraft.jobs.TrainCommand}, whose {@code TrainingRun} trains a network in a run folder.
 * Depends on {@code driver} and on picocli.
 */
package org.backdraft.jobs;
