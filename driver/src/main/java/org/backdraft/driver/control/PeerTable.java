package org.backdraft.driver.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.Message;

/** Where every rank of a gang is, rank 0 first. */
public record PeerTable(List<Peer> peers) {
  /** One rank's place; the fields are those of {@link Hello}. */
  public record Peer(String host, int dataPort, String jvmId) {}

  public PeerTable {
    peers = List.copyOf(peers);
  }

  /** Whether all ranks share one JVM, and so need no sockets between them. */
  public boolean inOneJvm() {
    String first = peers.get(0).jvmId();
    for (Peer peer : peers) {
      if (!peer.jvmId().equals(first)) {
        return false;
      }
    }
    return true;
  }

  Message toMessage() {
    PayloadWriter out = new PayloadWriter(64 * peers.size()).putInt(peers.size());
    for (Peer peer : peers) {
      out.putText(peer.host()).putInt(peer.dataPort()).putText(peer.jvmId());
    }
    return out.message(MessageKind.PEERS, 0);
  }

  static PeerTable of(Message message, int worldSize) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.PEERS, message);
    in.readInt("world size", worldSize, worldSize);
    List<Peer> peers = new ArrayList<>();
    for (int rank = 0; rank < worldSize; rank++) {
      peers.add(new Peer(in.readText(), in.readInt("data port", 0, 65535), in.readText()));
    }
    in.end();
    return new PeerTable(peers);
  }
}
