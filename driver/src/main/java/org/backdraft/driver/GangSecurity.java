package org.backdraft.driver;

import java.security.SecureRandom;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.TlsKey;
import org.backdraft.driver.config.SyncConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Draws what identifies a run, and the secret of each of its attempts. */
final class GangSecurity {
  private static final Logger LOG = LoggerFactory.getLogger(GangSecurity.class);
  private static final int SECRET_BYTES = 32;

  private final SecureRandom random = new SecureRandom();
  private final long runId = random.nextLong();

  /**
   * What connections of an attempt are encrypted with: a fresh key if {@code sync.tls}, or with
   * {@code auto} the cluster, asks for it.
   */
  static TlsKey tls(SyncConfig sync, Cluster.Encryption cluster) {
    boolean follows = sync.tls().equals(SyncConfig.AUTO);
    boolean isWanted = follows ? cluster.isWanted() : sync.tls().equals("true");
    String reason = follows ? cluster.reason() : "sync.tls=" + sync.tls();
    if (!isWanted) {
      LOG.info("Connections of workers and driver are authenticated, not encrypted ({}).", reason);
      return TlsKey.none();
    }
    LOG.info("Connections of workers and driver are encrypted by TLS 1.3 ({}).", reason);
    if (!cluster.protectsTasks()) {
      LOG.warn(
          "The keys of those connections travel in Spark's tasks, which are not encrypted: who can"
              + " read Spark's traffic can read ours. Set spark.ssl.rpc.enabled, or"
              + " spark.authenticate and spark.network.crypto.enabled.");
    }
    return TlsKey.create();
  }

  /** Fresh credentials for an attempt, from 0. */
  Credentials credentials(int attempt) {
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    return new Credentials(runId, attempt, secret);
  }
}
