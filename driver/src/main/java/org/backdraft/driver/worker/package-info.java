/**
 * What runs on a worker: joining the gang, the training loop, evaluation. Pure Java.
 *
 * <p>Start with {@link org.backdraft.driver.worker.Worker} and {@link
 * org.backdraft.driver.worker.WorkerTask}; {@code Membership} is how a rank is connected to the
 * others; {@code StateSender} and {@code StateReceiver} save what it keeps, and restore it; {@code
 * LeaseLoop} is what a worker does that takes leases, {@code ShardKeeper} keeps shards beside it.
 * Depends on {@code driver.control}, {@code driver.sync}, {@code data}, {@code comm}, {@code ps}
 * and the packages of {@code worker-kernels}.
 */
package org.backdraft.driver.worker;
