package org.backdraft.comm.transport;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.SecureRandom;
import java.security.Signature;

/**
 * Writes the certificate of a fresh key, signed by the key itself. The JDK reads certificates but
 * has no public way to make one; this is the least that RFC 5280 §4.1 asks for.
 *
 * <p>It is valid from 2000 to the end of the year 9999 ("no well-defined expiration", §4.1.2.5), so
 * that no clock of a worker can make it invalid: it is trusted by comparison, and for one attempt.
 */
final class SelfSignedCertificate {
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;

  /** {@code [0]}, constructed: the version's. */
  private static final int VERSION_TAG = 0xa0;

  private static final int SERIAL_BYTES = 16;

  private SelfSignedCertificate() {}

  /**
   * The certificate in DER.
   *
   * @param keys on an elliptic curve
   */
  static byte[] of(KeyPair keys) throws GeneralSecurityException {
    byte[] algorithm = value(SEQUENCE, ecdsaWithSha256());
    byte[] name = value(SEQUENCE, value(SET, value(SEQUENCE, commonName(), text("backdraft"))));
    byte[] validity =
        value(
            SEQUENCE,
            value(UTC_TIME, "000101000000Z".getBytes(StandardCharsets.US_ASCII)),
            value(GENERALIZED_TIME, "99991231235959Z".getBytes(StandardCharsets.US_ASCII)));
    byte[] certified =
        value(
            SEQUENCE,
            value(VERSION_TAG, value(INTEGER, new byte[] {2})), // version 3
            value(INTEGER, serial()),
            algorithm,
            name,
            validity,
            name,
            keys.getPublic().getEncoded()); // is a SubjectPublicKeyInfo already
    Signature signature = Signature.getInstance("SHA256withECDSA");
    signature.initSign(keys.getPrivate());
    signature.update(certified);
    byte[] noUnusedBits = {0};
    return value(SEQUENCE, certified, algorithm, value(BIT_STRING, noUnusedBits, signature.sign()));
  }

  /** 1.2.840.10045.4.3.2, RFC 5758 §3.2. */
  private static byte[] ecdsaWithSha256() {
    byte[] code = {0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 4, 3, 2};
    return value(OBJECT_IDENTIFIER, code);
  }

  /** 2.5.4.3. */
  private static byte[] commonName() {
    return value(OBJECT_IDENTIFIER, new byte[] {0x55, 4, 3});
  }

  private static byte[] text(String text) {
    return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A positive number without leading zeros, as DER wants it. */
  private static byte[] serial() {
    byte[] serial = new byte[SERIAL_BYTES];
    new SecureRandom().nextBytes(serial);
    serial[0] = (byte) ((serial[0] & 0x3f) | 0x40);
    return serial;
  }

  /** Tag, length, contents (X.690 §8.1). */
  private static byte[] value(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(tag);
    if (length >= 0x100) {
      out.write(0x82); // the length follows in two bytes
      out.write(length >> 8);
    } else if (length >= 0x80) {
      out.write(0x81); // in one
    }
    out.write(length);
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
