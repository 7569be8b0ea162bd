/**
 * How the ranks of a gang agree on the parameters: strategies behind one interface.
 *
 * <p>Start with {@link org.backdraft.driver.sync.Synchronizer}; {@link
 * org.backdraft.driver.sync.SyncSpec} says which strategy a run has, {@link
 * org.backdraft.driver.sync.PeerSynchronizers} makes it. Pure Java, on workers. Depends on {@code
 * comm} and its packages for algorithms, compression and transports, on {@code plan}, {@code optim}
 * and what they depend on.
 */
package org.backdraft.driver.sync;
