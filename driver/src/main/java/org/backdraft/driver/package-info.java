/**
 * The training job as the driver sees it: checks, attempts, report. Pure Java.
 *
 * <p>Start with {@link org.backdraft.driver.TrainingJob}, which {@link
 * org.backdraft.driver.config.TrainingConfig} tells what to do; {@link
 * org.backdraft.driver.Cluster} is what it runs on. {@code GangTraining} is the way of a gang,
 * {@code Attempt} after {@code Attempt} from its {@code Checkpoints}; {@code LeaseTraining} is that
 * of workers that drift. Depends on {@code driver.config}, {@code driver.failure}, {@code
 * checkpoint}, {@code driver.worker}, {@code driver.sync}, {@code driver.control}, {@code
 * driver.lease}, {@code data}, {@code ps} and the packages of {@code worker-kernels}.
 */
package org.backdraft.driver;
