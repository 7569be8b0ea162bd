/**
 * Ranks and driver in different processes: authenticated connections that carry checked frames, by
 * TCP or, between ranks of one host, by a Unix-domain socket. The only package that opens sockets.
 *
 * <p>Start with {@link org.backdraft.comm.transport.tcp.TcpEndpoint} (between ranks), {@link
 * org.backdraft.comm.transport.tcp.ControlServer} and {@link
 * org.backdraft.comm.transport.tcp.ControlClient} (between ranks and driver). Depends on {@code
 * comm}, {@code comm.transport} and {@code concurrent}.
 *
 * <p>Every connection starts with a handshake in which both ends prove that they know the attempt's
 * secret; at most 92 bytes, beside a TLS handshake where there is one, are read of an end that has
 * proved nothing. Afterwards every frame carries magic, version, run, attempt, step, length and two
 * CRC32C sums, all checked before the payload is used. A checksum finds damage, not malice: who can
 * alter packets on the way needs to be kept off the network, or {@link
 * org.backdraft.comm.transport.tcp.TransportSecurity} to encrypt.
 */
package org.backdraft.comm.transport.tcp;
