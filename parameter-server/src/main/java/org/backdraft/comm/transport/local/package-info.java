/**
 * Ranks that share a JVM: the receiver copies straight from the sender's array.
 *
 * <p>Start with {@link org.backdraft.comm.transport.local.LocalGang}, or with {@link
 * org.backdraft.comm.transport.local.MeetingPlace} where the ranks arrive without knowing of each
 * other; {@link org.backdraft.comm.transport.local.LocalDoors} is the same for message channels to
 * a service. Depends on {@code comm} and {@code comm.transport}.
 */
package org.backdraft.comm.transport.local;
