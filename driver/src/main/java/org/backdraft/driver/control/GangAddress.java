package org.backdraft.driver.control;

import java.io.Serializable;
import org.backdraft.comm.transport.Credentials;

/**
 * What a worker needs to join a gang; travels in the task.
 *
 * @param host of the driver's control server
 * @param port of it
 * @param credentials of this attempt
 * @param worldSize number of ranks
 * @param syncTimeoutMillis deadline of every wait between workers
 * @param registrationTimeoutMillis how long the gang may take to come together
 */
public record GangAddress(
    String host,
    int port,
    Credentials credentials,
    int worldSize,
    long syncTimeoutMillis,
    long registrationTimeoutMillis)
    implements Serializable {}
