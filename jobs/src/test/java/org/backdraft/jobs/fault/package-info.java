/**
 * Faults that strike a worker from within, in the middle of a step. Start with {@link
 * org.backdraft.jobs.fault.HaltAgent}: a Java agent that tests give to executors, so that what is
 * released holds no trace of it.
 */
package org.backdraft.jobs.fault;
