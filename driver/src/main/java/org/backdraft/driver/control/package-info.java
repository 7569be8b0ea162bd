/**
 * What workers and driver tell each other: who is there, how far they are, how they ended.
 *
 * <p>Start with {@link org.backdraft.driver.control.GangControl} (the driver's end) and {@link
 * org.backdraft.driver.control.WorkerControl} (a worker's end); {@link
 * org.backdraft.driver.control.LeaseControl} and {@link org.backdraft.driver.control.LeaseClient}
 * are the same for workers that come and go. Depends on {@code comm}, {@code ps}, {@code leaf},
 * {@code concurrent} and {@code tensor}; pure Java.
 */
package org.backdraft.driver.control;
