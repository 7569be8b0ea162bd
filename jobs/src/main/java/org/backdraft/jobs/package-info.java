/**
 * The command line, the same on a laptop and under spark-submit.
 *
 * <p>Start with {@link org.backdraft.jobs.Backdraft}, the only entry point. Commands that are more
 * than a class have a package of their own: {@link org.backdraft.jobs.train}, {@link
 * org.backdraft.jobs.checkpoint}, {@link org.backdraft.jobs.bench}; what several of them take is in
 * {@link org.backdraft.jobs.options}. Depends on {@code driver} and on picocli.
 */
package org.backdraft.jobs;
