package org.backdraft.comm.transport;

import java.io.Serializable;

/**
 * What binds a connection to one attempt of one run: both ends prove that they know the secret, and
 * every frame carries run and attempt.
 *
 * @param runId a random number of the run
 * @param attempt number of the gang's try, from 0
 * @param secret 32 random bytes of this attempt; never logged
 */
public record Credentials(long runId, int attempt, byte[] secret) implements Serializable {
  /** Without the secret. */
  @Override
  public String toString() {
    return "Credentials[run %016x, attempt %d]".formatted(runId, attempt);
  }
}
