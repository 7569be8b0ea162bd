package org.backdraft.driver.control;

import java.io.IOException;
import java.util.List;
import org.backdraft.comm.transport.Message;

/**
 * Where the shards of a table are.
 *
 * @param epoch number of the table's life
 * @param shards shard 0 first
 */
public record ShardTable(int epoch, List<PeerTable.Peer> shards) {
  public ShardTable {
    shards = List.copyOf(shards);
  }

  Message toMessage() {
    PayloadWriter out = new PayloadWriter(16 + 64 * shards.size()).putInt(epoch);
    PeerTable.write(shards, out);
    return out.message(MessageKind.SHARDS, 0);
  }

  static ShardTable of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.SHARDS, message);
    int epoch = in.readInt("epoch", 0, Integer.MAX_VALUE);
    ShardTable table = new ShardTable(epoch, PeerTable.readAll(in));
    in.end();
    return table;
  }
}
