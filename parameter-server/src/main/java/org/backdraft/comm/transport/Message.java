package org.backdraft.comm.transport;

/**
 * One message of a {@link MessageChannel}.
 *
 * @param type what it is, in [0, 255]; its meaning is the user's
 * @param step the training step it belongs to, 0 where that means nothing
 * @param payload its bytes, owned by the receiver
 */
public record Message(int type, long step, byte[] payload) {}
