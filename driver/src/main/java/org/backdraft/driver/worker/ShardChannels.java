package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.MessageChannel;
import org.backdraft.comm.transport.local.LocalDoors;
import org.backdraft.comm.transport.tcp.ControlClient;
import org.backdraft.comm.transport.tcp.TransportSecurity;
import org.backdraft.driver.control.GangAddress;
import org.backdraft.driver.control.PeerTable;
import org.backdraft.driver.sync.ShardHost;
import org.backdraft.ps.ShardException;

/** A worker's ways to all shards: through memory to those of this JVM, else by sockets. */
final class ShardChannels {
  private ShardChannels() {}

  /**
   * Connects to all shards; to none if one is not reached.
   *
   * @param epoch of the table
   * @param places shard 0 first
   * @param patience how long a shard may be dialed in vain
   */
  static List<MessageChannel> open(
      GangAddress gang, int rank, int epoch, List<PeerTable.Peer> places, Duration patience)
      throws ShardException {
    List<MessageChannel> channels = new ArrayList<>();
    for (int shard = 0; shard < places.size(); shard++) {
      PeerTable.Peer place = places.get(shard);
      try {
        channels.add(open(gang, rank, door(places.size(), epoch, shard), place, patience));
      } catch (IOException e) {
        channels.forEach(MessageChannel::close);
        String address = place.host() + ":" + place.dataPort();
        throw new ShardException.Unreachable(rank, shard, address, e);
      }
    }
    return List.copyOf(channels);
  }

  /** The number of a shard's door in its JVM, which may hold one of another epoch still. */
  static int door(int shards, int epoch, int shard) {
    return epoch * shards + shard;
  }

  private static MessageChannel open(
      GangAddress gang, int rank, int door, PeerTable.Peer place, Duration patience)
      throws IOException {
    if (place.jvmId().equals(JvmId.value())) {
      return LocalDoors.connect(gang.credentials(), door, rank);
    }
    return ControlClient.connect(
        place.host(),
        place.dataPort(),
        gang.credentials(),
        TransportSecurity.of(gang.tls()),
        rank,
        patience,
        ShardHost.MESSAGE_BYTES);
  }
}
