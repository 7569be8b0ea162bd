/**
 * How results are written for people and for machines.
 *
 * <p>Start with {@link org.backdraft.jobs.output.Json} and {@link
 * org.backdraft.jobs.output.TextTable}. Depends on Jackson alone.
 */
package org.backdraft.jobs.output;
