package org.backdraft.driver.sync;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.local.LocalDoors;
import org.backdraft.comm.transport.tcp.ControlServer;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.ps.ParameterShard;
import org.backdraft.ps.ShardServer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where one shard is reached: by an authenticated socket, and by memory for the workers of this
 * JVM. Opened before the shard is there, since its port is told to the workers first; who comes
 * early waits.
 *
 * <p>Each worker is served by a thread {@code backdraft-shard-…}. Methods are safe for all threads.
 */
public final class ShardHost implements AutoCloseable {
  /** The longest message of a shard and its workers: more than a block and its name. */
  public static final int MESSAGE_BYTES = 16 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(ShardHost.class);

  private final Lobby lobby;
  private final ControlServer server;
  private final LocalDoors.Door door;

  private ShardHost(Lobby lobby, ControlServer server, LocalDoors.Door door) {
    this.lobby = lobby;
    this.server = server;
    this.door = door;
  }

  /**
   * Opens both ways in.
   *
   * @param bindHost a local address to listen at
   * @param advertisedHost the host as workers dial it
   * @param security whether connections are encrypted; as that of the workers
   * @param shard number of the shard that will be served
   * @param workers ranks in [0, workers) are let in
   */
  public static ShardHost open(
      String bindHost,
      String advertisedHost,
      Credentials credentials,
      TransportSecurity security,
      int shard,
      int workers)
      throws IOException {
    Lobby lobby = new Lobby(shard);
    ControlServer server =
        ControlServer.open(
            bindHost, advertisedHost, credentials, security, workers, MESSAGE_BYTES, lobby);
    try {
      return new ShardHost(
          lobby,
          server,
          LocalDoors.open(credentials, shard, (channel, rank) -> lobby.connected(rank, channel)));
    } catch (RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** The port that workers dial. */
  public int port() {
    return server.port();
  }

  /** Closes the socket: all workers come from this JVM. */
  public void stayInside() {
    server.close();
  }

  /** Serves those that have come, and all that will; called once. */
  public void start(ParameterShard shard) {
    lobby.open(new ShardServer(shard));
  }

  /** Closes the channels of a worker that is lost, so that its next start can come. */
  public void disconnect(int rank) {
    lobby.disconnect(rank);
  }

  /** Ends both ways in, all channels and the threads that serve them. */
  @Override
  public void close() {
    door.close();
    server.close();
    lobby.close();
  }

  /** Holds the channels that come before the shard does. */
  private static final class Lobby implements ControlServer.Listener {
    /** A worker that waits. */
    private record Visitor(int rank, MessageChannel channel) {}

    private final int shard;
    private final List<Visitor> waiting = new ArrayList<>(); // guarded by this, and what follows
    private ShardServer serving;
    private boolean closed;

    Lobby(int shard) {
      this.shard = shard;
    }

    @Override
    public synchronized void connected(int rank, MessageChannel channel) {
      if (closed) {
        channel.close();
      } else if (serving == null) {
        waiting.add(new Visitor(rank, channel));
      } else {
        serving.serve(rank, channel);
      }
    }

    @Override
    public void refused(String reason) {
      LOG.warn("Shard {} refused a connection: {}", shard, reason);
    }

    @Override
    public void failed(IOException cause) {
      LOG.warn("Shard {} stopped to accept workers.", shard, cause);
    }

    synchronized void open(ShardServer server) {
      serving = server;
      for (Visitor each : waiting) {
        server.serve(each.rank(), each.channel());
      }
      waiting.clear();
    }

    void disconnect(int rank) {
      ShardServer server;
      synchronized (this) {
        server = serving;
        for (Visitor each : waiting) {
          if (each.rank() == rank) {
            each.channel().close();
          }
        }
        waiting.removeIf(each -> each.rank() == rank);
      }
      if (server != null) {
        server.disconnect(rank);
      }
    }

    void close() {
      ShardServer server;
      synchronized (this) {
        closed = true;
        server = serving;
        for (Visitor each : waiting) {
          each.channel().close();
        }
        waiting.clear();
      }
      if (server != null) {
        server.close();
      }
    }
  }
}
