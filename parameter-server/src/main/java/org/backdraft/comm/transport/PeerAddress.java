package org.backdraft.comm.transport;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * Where a rank accepts connections of its peers.
 *
 * @param rank whose address this is, at least 0
 * @param host name or numeric address, as the peers dial it
 * @param port in [1, 65535]
 */
public record PeerAddress(int rank, String host, int port) implements Serializable {
  private static final int MAX_HOST_LENGTH = 255;

  public PeerAddress {
    Checks.argument(rank >= 0, "The rank of an address must be >= 0: got %d.", rank);
    Checks.argument(
        port >= 1 && port <= 65535, "A port must lie in [1, 65535]: got %d (rank %d).", port, rank);
    checkHost(host);
  }

  /** The address as one word; what proofs are bound to. */
  public String hostAndPort() {
    return host + ":" + port;
  }

  /**
   * Refuses what cannot be a host's name or numeric address.
   *
   * @throws IllegalArgumentException if it is empty, longer than 255 or holds a control character
   *     or a blank
   */
  public static void checkHost(String host) {
    boolean clean = host != null && !host.isEmpty() && host.length() <= MAX_HOST_LENGTH;
    for (int i = 0; clean && i < host.length(); i++) {
      char c = host.charAt(i);
      clean = c > ' ' && c < 0x7f;
    }
    Checks.argument(
        clean,
        "A host must be 1 to 255 printable ASCII characters without blanks: got one not so.");
  }
}
