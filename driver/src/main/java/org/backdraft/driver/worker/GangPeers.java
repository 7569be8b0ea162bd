package org.backdraft.driver.worker;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.comm.transport.Transport;
import org.backdraft.driver.control.PeerTable;

/**
 * The gang as a rank sees it.
 *
 * @param transport to all ranks; closed by who made it
 * @param hosts of the ranks, in their order
 * @param isInOneJvm whether all share one, and the transport goes through its memory
 */
record GangPeers(Transport transport, List<String> hosts, boolean isInOneJvm) {
  GangPeers {
    hosts = List.copyOf(hosts);
  }

  /** The gang of a table. */
  static GangPeers of(PeerTable table, Transport transport, boolean isInOneJvm) {
    List<String> hosts = new ArrayList<>();
    for (PeerTable.Peer peer : table.peers()) {
      hosts.add(peer.host());
    }
    return new GangPeers(transport, hosts, isInOneJvm);
  }
}
