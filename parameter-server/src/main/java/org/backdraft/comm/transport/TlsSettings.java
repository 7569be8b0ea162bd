package org.backdraft.comm.transport;

import java.nio.file.Path;
import org.backdraft.tensor.Checks;

/**
 * Where the certificates of encrypted connections are. Passwords are read once and stay the
 * caller's to clear.
 *
 * @param keyStore holds this process's private key and certificate, PKCS#12 or JKS
 * @param keyStorePassword of the store and of the key in it
 * @param trustStore holds the certificates that those of peers are checked against
 * @param trustStorePassword of the trust store
 */
public record TlsSettings(
    Path keyStore, char[] keyStorePassword, Path trustStore, char[] trustStorePassword) {
  public TlsSettings {
    Checks.argument(
        keyStore != null
            && keyStorePassword != null
            && trustStore != null
            && trustStorePassword != null,
        "TLS needs a key store and a trust store with their passwords: not all were given.");
  }

  /** Without the passwords. */
  @Override
  public String toString() {
    return "TlsSettings[key store %s, trust store %s]".formatted(keyStore, trustStore);
  }
}
