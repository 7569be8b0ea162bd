/**
 * The training job as the driver sees it: configuration, run, report. Pure Java.
 *
 * <p>Start with {@link org.backdraft.driver.TrainingConfig}.
 */
package org.backdraft.driver;
