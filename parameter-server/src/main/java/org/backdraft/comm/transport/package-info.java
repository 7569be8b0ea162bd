/**
 * How floats and messages get from one rank to another, and to the driver: the interfaces.
 *
 * <p>Start with {@link org.backdraft.comm.transport.Transport} (floats between ranks) and {@link
 * org.backdraft.comm.transport.MessageChannel} (messages between a rank and the driver). Depends on
 * {@code comm} and {@code tensor}.
 */
package org.backdraft.comm.transport;
