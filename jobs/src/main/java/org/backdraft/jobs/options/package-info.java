/**
 * Options that several commands take, and what they stand for.
 *
 * <p>Start with {@link org.backdraft.jobs.options.NetworkOptions}: which network a command is
 * about.
 */
package org.backdraft.jobs.options;
