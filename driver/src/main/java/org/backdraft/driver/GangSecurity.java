package org.backdraft.driver;

import java.security.SecureRandom;
import org.backdraft.comm.transport.Credentials;

/** Draws what identifies a run, and the secret of each of its attempts. */
final class GangSecurity {
  private static final int SECRET_BYTES = 32;

  private final SecureRandom random = new SecureRandom();
  private final long runId = random.nextLong();

  /** Fresh credentials for an attempt, from 0. */
  Credentials credentials(int attempt) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new Credentials(runId, attempt, secret);
  }
}
