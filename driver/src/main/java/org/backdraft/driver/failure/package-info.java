/**
 * How a run ends that does not end well: an exception for each exit code.
 *
 * <p>Start with {@link org.backdraft.driver.failure.BackdraftException}. Depends on {@code
 * driver.control} for what a gang has told and {@code nn}.
 */
package org.backdraft.driver.failure;
