package org.backdraft.driver.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.Message;

/**
 * Where every rank of a gang is, and every shard of its parameter server.
 *
 * @param peers rank 0 first
 * @param shards shard 0 first; empty without a parameter server
 */
public record PeerTable(List<Peer> peers, List<Peer> shards) {
  /** The place of a rank or a shard; the fields are those of {@link Hello}. */
  public record Peer(String host, int dataPort, String jvmId) {}

  /** Which shards a gang has, whose ranks are at given places. */
  @FunctionalInterface
  public interface Shards {
    /**
     * @param ranks rank 0 first
     * @return shard 0 first
     */
    List<Peer> of(List<Peer> ranks);
  }

  public PeerTable {
    peers = List.copyOf(peers);
    shards = List.copyOf(shards);
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
    PayloadWriter out = new PayloadWriter(64 * (peers.size() + shards.size()));
    write(peers, out);
    write(shards, out);
    return out.message(MessageKind.PEERS, 0);
  }

  static void write(List<Peer> places, PayloadWriter out) {
    out.putInt(places.size());
    for (Peer each : places) {
      out.putText(each.host()).putInt(each.dataPort()).putText(each.jvmId());
    }
  }

  static PeerTable of(Message message, int worldSize) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.PEERS, message);
    int ranks = in.readInt("world size", worldSize, worldSize);
    List<Peer> peers = read(ranks, in);
    List<Peer> shards = readAll(in);
    in.end();
    return new PeerTable(peers, shards);
  }

  /** What {@link #write} has written. */
  static List<Peer> readAll(PayloadReader in) throws IOException {
    return read(in.readCount(3 * Integer.BYTES), in);
  }

  private static List<Peer> read(int count, PayloadReader in) throws IOException {
    List<Peer> places = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      places.add(new Peer(in.readText(), in.readInt("data port", 0, 65535), in.readText()));
    }
    return places;
  }
}
