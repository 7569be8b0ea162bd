/**
 * How the ranks of a gang agree on the parameters: strategies behind one interface.
 *
 * <p>Start with {@link org.backdraft.driver.sync.Synchronizer}; {@link
 * org.backdraft.driver.sync.SyncSpec} says which strategy a run has. {@link
 * org.backdraft.driver.sync.KeptArrays} are what a rank keeps, for checkpoints. {@code
 * AllReduceSynchronizer} cuts gradients into {@code Buckets}, which a {@code StepExchange} takes
 * from rank to rank; {@link org.backdraft.driver.sync.PeerSynchronizers} makes it and its
 * relatives; {@code ImplicitSynchronizer} makes a step of several of another one's. Of a parameter
 * server {@link org.backdraft.driver.sync.SharedTable} is what all sides know, {@link
 * org.backdraft.driver.sync.ShardOptimizer} what a shard does, {@link
 * org.backdraft.driver.sync.ShardHost} where it is reached; {@link
 * org.backdraft.driver.sync.LeaseOptimizer} is what it does with leases. Pure Java, on workers and,
 * with shards in the driver, there. Depends on {@code control} for what a rank tells of a step that
 * has diverged, on {@code comm} and its packages for algorithms, compression and transports, on
 * {@code ps}, {@code plan}, {@code optim} and what they depend on.
 */
package org.backdraft.driver.sync;
