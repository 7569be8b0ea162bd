package org.backdraft.comm.transport.tcp;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/** The bytes of a non-blocking connection, plain or encrypted. */
interface Wire extends Closeable {
  /**
   * Reads what there is. 0 means that nothing more comes before the socket is ready again.
   *
   * @return the number of bytes, −1 at the end
   */
  int read(ByteBuffer target) throws IOException;

  /** Takes what there is room for, the number of bytes; also sends what was taken before. */
  int write(ByteBuffer source) throws IOException;

  /** Whether all that was taken has been handed to the network. */
  boolean isFlushed();

  /**
   * What the selector must wait for.
   *
   * @param wanted operations that the user waits for
   */
  int interest(int wanted);

  /** What both ends of this connection and no others know; empty where there is no such thing. */
  String binding() throws IOException;

  /** Makes room for large transfers, once the other end has proved who it is. */
  void expectBulk();

  /** The socket, to be registered with selectors. */
  SocketChannel channel();

  @Override
  void close();
}
