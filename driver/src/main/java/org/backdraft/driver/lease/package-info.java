/**
 * Work that the driver hands out piece by piece: what there is, who has it, and what has come back.
 * Plain data structures without threads, clocks or connections.
 *
 * <p>Start with {@link org.backdraft.driver.lease.LeasePool}. Depends on {@code driver.control}
 * (its messages), {@code leaf} and {@code tensor}.
 */
package org.backdraft.driver.lease;
