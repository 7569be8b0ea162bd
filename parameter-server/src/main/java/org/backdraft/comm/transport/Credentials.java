package org.backdraft.comm.transport;

import java.io.Serializable;
import org.backdraft.tensor.Checks;

/**
 * What binds a connection to one attempt of one run: both ends prove that they know the secret, and
 * every frame carries run and attempt.
 *
 * @param runId a random number of the run
 * @param attempt number of the gang's try, from 0
 * @param secret 32 random bytes of this attempt; never logged
 */
public record Credentials(long runId, int attempt, byte[] secret) implements Serializable {
  /** The length of a secret: that of the hash which proves that an end knows it. */
  public static final int SECRET_BYTES = 32;

  public Credentials {
    Checks.argument(
        attempt >= 0 && secret.length == SECRET_BYTES,
        "An attempt must be >= 0 and its secret %d bytes long: got attempt %d, %d bytes.",
        SECRET_BYTES,
        attempt,
        secret.length);
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "Credentials[run %016x, attempt %d]".formatted(runId, attempt);
  }
}
