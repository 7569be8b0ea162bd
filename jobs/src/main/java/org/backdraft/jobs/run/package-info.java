/**
 * What a training run leaves behind and says while it goes: its folder, its files, its progress.
 *
 * <p>Start with {@link org.backdraft.jobs.run.RunDirectory} and {@link
 * org.backdraft.jobs.run.RunRecorder}. Depends on {@code driver}'s listener and on Hadoop-free file
 * access: a run's folder is the driver's.
 */
package org.backdraft.jobs.run;
