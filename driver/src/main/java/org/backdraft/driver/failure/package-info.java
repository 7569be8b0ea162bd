/**
 * How a run ends that does not end well: an exception for each exit code but those of bad data,
 * which {@code data} throws, and of an error within.
 *
 * <p>Start with {@link org.backdraft.driver.failure.BackdraftException}. Depends on {@code
 * driver.control} for what a gang has told and {@code nn}.
 */
package org.backdraft.driver.failure;
