/**
 * Training from the command line: {@code train}, with its dry run, cross-validation and resuming,
 * and {@code find-lr}.
 *
 * <p>Start with {@link org.backdraft.jobs.train.TrainCommand}, whose {@code TrainingRun} trains a
 * network in a run folder.
 */
package org.backdraft.jobs.train;
