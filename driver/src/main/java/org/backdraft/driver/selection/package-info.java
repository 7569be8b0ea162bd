/**
 * What is kept of a training, decided by its validations: when to stop, and which epoch was best.
 * Start with {@link org.backdraft.driver.selection.EarlyStopping}. Pure functions of numbers;
 * depends on nothing of the driver.
 */
package org.backdraft.driver.selection;
