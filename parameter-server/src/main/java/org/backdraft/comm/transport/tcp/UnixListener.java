package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import org.backdraft.comm.transport.Credentials;

/**
 * A second way in for peers on the same host: a Unix-domain socket (POSIX.1-2017, {@code
 * sys/un.h}), by which bytes pass without the work of TCP, beside the port that peers elsewhere
 * dial.
 *
 * <p>Nobody is told where it is: its name in {@code /tmp} follows from the attempt's secret and the
 * address that is dialed, so that only who knows both can find it or be there first. Who cannot see
 * the file, in another container or on another host, dials the port. The handshake is the same by
 * either way.
 */
final class UnixListener implements AutoCloseable {
  /**
   * For temporary files of all users (Filesystem Hierarchy Standard 3.0, section 3.18). Not the
   * JVM's own folder for them, which cluster managers make a different one for each process.
   */
  private static final Path FOLDER = Path.of("/tmp");

  private static final int BACKLOG = 1024;
  private static final int NAME_BYTES = 16;

  private final ServerSocketChannel channel;
  private final Path file;

  private UnixListener(ServerSocketChannel channel, Path file) {
    this.channel = channel;
    this.file = file;
  }

  /**
   * Listens beside the port of {@code address}.
   *
   * @throws IOException if the system has no such sockets, or the name is too long for it
   */
  static UnixListener open(Credentials credentials, String address) throws IOException {
    Path file = file(credentials, address);
    ServerSocketChannel channel;
    try {
      channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    } catch (UnsupportedOperationException e) {
      throw new IOException("this system has no Unix-domain sockets", e);
    }
    try {
      channel.bind(UnixDomainSocketAddress.of(file), BACKLOG);
      channel.configureBlocking(false);
      return new UnixListener(channel, file);
    } catch (IOException e) {
      Sockets.close(channel);
      throw new IOException("Cannot listen on " + file + ": " + e.getMessage(), e);
    }
  }

  /** Where the listener of {@code address} can be dialed from this process, if it can. */
  static Optional<Path> find(Credentials credentials, String address) {
    return Optional.of(file(credentials, address)).filter(Files::exists);
  }

  private static Path file(Credentials credentials, String address) {
    byte[] name = Proof.name(credentials, address);
    return FOLDER.resolve("backdraft-" + HexFormat.of().formatHex(name, 0, NAME_BYTES));
  }

  ServerSocketChannel channel() {
    return channel;
  }

  /** Ends listening and removes the file. */
  @Override
  public void close() {
    Sockets.close(channel);
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // An empty file stays behind, which nobody else will ever look for.
    }
  }
}
