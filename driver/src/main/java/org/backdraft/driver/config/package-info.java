/**
 * What a training can be told: a record for each section of the configuration, which checks its
 * values when it is made.
 *
 * <p>Start with {@link org.backdraft.driver.config.TrainingConfig}; each component of it is a
 * section, and each component of a section a key of {@code --set}. Reading files and command lines
 * is done elsewhere. Depends on {@code driver.failure}, {@code driver.sync}, {@code driver.worker},
 * {@code driver.selection}, {@code comm}, {@code ps}, {@code data} and the packages of {@code
 * worker-kernels}.
 */
package org.backdraft.driver.config;
