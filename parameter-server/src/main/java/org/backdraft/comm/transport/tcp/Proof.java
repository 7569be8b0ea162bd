package org.backdraft.comm.transport.tcp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.backdraft.comm.transport.Credentials;

/**
 * What an end sends to show that it knows the secret: HMAC-SHA256 (RFC 2104) over its side, all
 * fields of the {@link Hello}, the nonces of both ends, the address that was dialed and, with TLS,
 * the hash of the callee's certificate. The side in front keeps a proof from being sent back to its
 * maker; the nonces keep an old one from being sent again.
 */
final class Proof {
  static final int BYTES = 32;
  static final byte CALLER = 1;
  static final byte CALLEE = 2;

  private static final String ALGORITHM = "HmacSHA256";
  private static final byte[] LABEL = "backdraft-handshake-1".getBytes(StandardCharsets.US_ASCII);

  private static final byte[] NAME_LABEL =
      "backdraft-unix-socket-1".getBytes(StandardCharsets.US_ASCII);

  private Proof() {}

  /**
   * @param address host:port of the callee, as both ends were told it, and {@link Wire#binding}
   */
  static byte[] of(
      Credentials credentials, byte side, Hello hello, byte[] calleeNonce, String address) {
    ByteBuffer fields = ByteBuffer.allocate(Hello.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    hello.write(fields);
    Mac mac = keyed(credentials);
    mac.update(LABEL);
    mac.update(side);
    mac.update(fields.flip());
    mac.update(calleeNonce);
    mac.update(address.getBytes(StandardCharsets.UTF_8));
    return mac.doFinal();
  }

  /**
   * A name that only those can work out who know the secret: HMAC-SHA256 over run, attempt and
   * address. It shows nothing of the secret, and no proof begins like it.
   *
   * @param address host:port of the callee
   */
  static byte[] name(Credentials credentials, String address) {
    ByteBuffer fields = ByteBuffer.allocate(Long.BYTES + Integer.BYTES);
    fields.putLong(credentials.runId()).putInt(credentials.attempt());
    Mac mac = keyed(credentials);
    mac.update(NAME_LABEL);
    mac.update(fields.flip());
    mac.update(address.getBytes(StandardCharsets.UTF_8));
    return mac.doFinal();
  }

  private static Mac keyed(Credentials credentials) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(credentials.secret(), ALGORITHM));
      return mac;
    } catch (GeneralSecurityException e) {
      // Every Java platform must have HmacSHA256.
      throw new AssertionError(e);
    }
  }

  /** Compares in a time that does not depend on where the two differ. */
  static boolean equal(byte[] expected, byte[] found) {
    return MessageDigest.isEqual(expected, found);
  }

  static byte[] nonce() {
    byte[] nonce = new byte[Hello.NONCE_BYTES];
    new SecureRandom().nextBytes(nonce);
    return nonce;
  }
}
