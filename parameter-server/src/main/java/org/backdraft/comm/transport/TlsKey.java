package org.backdraft.comm.transport;

import java.io.Serializable;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.spec.ECGenParameterSpec;

/**
 * The key that a gang's connections are encrypted with, and the certificate for it, which all ends
 * trust and no other: made for one attempt, by the driver, and shipped with the attempt's secret.
 * The arrays belong to this record.
 *
 * @param privateKey PKCS#8, elliptic curve P-256; empty where connections are not encrypted; never
 *     logged
 * @param certificate X.509, signed by the key itself; empty where connections are not encrypted
 */
public record TlsKey(byte[] privateKey, byte[] certificate) implements Serializable {
  private static final String CURVE = "secp256r1";

  /** Connections are not encrypted. */
  public static TlsKey none() {
    return new TlsKey(new byte[0], new byte[0]);
  }

  /** A fresh key. */
  public static TlsKey create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec(CURVE));
      KeyPair keys = generator.generateKeyPair();
      return new TlsKey(keys.getPrivate().getEncoded(), SelfSignedCertificate.of(keys));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("Every JDK since 17 can make a key on the curve P-256.", e);
    }
  }

  /** Whether connections are encrypted. */
  public boolean isPresent() {
    return privateKey.length > 0;
  }

  /** Without the key. */
  @Override
  public String toString() {
    return isPresent() ? "TlsKey[of this attempt]" : "TlsKey[none]";
  }
}
