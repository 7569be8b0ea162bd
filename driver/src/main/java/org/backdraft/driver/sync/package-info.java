/**
 * How the ranks of a gang agree on the parameters: strategies behind one interface.
 *
 * <p>Start with {@link org.backdraft.driver.sync.Synchronizer}; {@link
 * org.backdraft.driver.sync.SyncSpec} says which strategy a run has. {@code AllReduceSynchronizer}
 * cuts gradients into {@code Buckets}, which a {@code StepExchange} takes from rank to rank. Pure
 * Java, on workers. Depends on {@code comm}, {@code plan}, {@code optim} and what they depend on.
 */
package org.backdraft.driver.sync;
