/**
 * The program as a process: which version it is, what signals do, and with what code and message it
 * ends.
 *
 * <p>Start with {@link org.backdraft.jobs.process.Failure}.
 */
package org.backdraft.jobs.process;
