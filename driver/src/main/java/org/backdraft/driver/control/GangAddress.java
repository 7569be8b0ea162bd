package org.backdraft.driver.control;

import java.io.Serializable;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.TlsKey;

/**
 * What a worker needs to join a gang; travels in the task.
 *
 * @param host of the driver's control server
 * @param port of it
 * @param credentials of this attempt
 * @param tls what its connections are encrypted with
 * @param worldSize number of ranks
 * @param lanes connections between two ranks
 * @param silenceTimeoutMillis how long the driver may hear nothing of a worker
 * @param stepTimeoutMillis how long a worker waits for its peers within a step
 * @param registrationTimeoutMillis how long the gang may take to come together
 */
public record GangAddress(
    String host,
    int port,
    Credentials credentials,
    TlsKey tls,
    int worldSize,
    int lanes,
    long silenceTimeoutMillis,
    long stepTimeoutMillis,
    long registrationTimeoutMillis)
    implements Serializable {
  /** That of another attempt, whose control server is still to be opened. */
  public GangAddress with(Credentials others) {
    return new GangAddress(
        host,
        0,
        others,
        tls,
        worldSize,
        lanes,
        silenceTimeoutMillis,
        stepTimeoutMillis,
        registrationTimeoutMillis);
  }

  /** The same, once the control server listens. */
  GangAddress withPort(int newPort) {
    return new GangAddress(
        host,
        newPort,
        credentials,
        tls,
        worldSize,
        lanes,
        silenceTimeoutMillis,
        stepTimeoutMillis,
        registrationTimeoutMillis);
  }
}
