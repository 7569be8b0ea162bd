package org.backdraft.comm.transport;

import java.io.IOException;
import java.time.Duration;

/**
 * A two-way, ordered, authenticated stream of messages between the driver and one worker. Sending
 * is safe from several threads; one thread receives.
 */
public interface MessageChannel extends AutoCloseable {
  /** Address of the other end, for messages: {@code host:port}. */
  String remote();

  /**
   * @throws IOException if the message could not be handed to the network within {@code timeout}
   */
  void send(Message message, Duration timeout) throws IOException;

  /**
   * The next message.
   *
   * @throws java.net.SocketTimeoutException if none came within {@code timeout}; the channel lives
   *     on
   * @throws IOException if the channel is closed or broken
   */
  Message receive(Duration timeout) throws IOException;

  @Override
  void close();
}
