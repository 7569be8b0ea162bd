package org.backdraft.comm.transport.tcp;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import org.backdraft.comm.transport.TlsKey;
import org.backdraft.comm.transport.TlsSettings;

/**
 * Whether connections are encrypted. Both ends of every connection use the same kind. Who is at the
 * other end is proved by the attempt's secret in either case; the callee's certificate is checked
 * against the trust store and the proofs are bound to it. Immutable and safe for all threads.
 */
public final class TransportSecurity {
  private static final String PROTOCOL = "TLSv1.3";
  private static final String ALIAS = "attempt";

  private final SSLContext context; // null for plain connections

  private TransportSecurity(SSLContext context) {
    this.context = context;
  }

  /** Connections that are authenticated but not encrypted. */
  public static TransportSecurity plain() {
    return new TransportSecurity(null);
  }

  /**
   * Connections by TLS 1.3 and nothing older.
   *
   * @throws IOException if a store cannot be read or does not hold what it must; names the file
   */
  public static TransportSecurity tls(TlsSettings settings) throws IOException {
    KeyStore keys = load(settings.keyStore(), settings.keyStorePassword());
    KeyStore trusted = load(settings.trustStore(), settings.trustStorePassword());
    try {
      if (!holdsKey(keys)) {
        throw new IOException(
            "A key store must hold a private key: %s holds none.".formatted(settings.keyStore()));
      }
      if (trusted.size() == 0) {
        throw new IOException(
            "A trust store must hold a certificate: %s holds none."
                .formatted(settings.trustStore()));
      }
      return new TransportSecurity(context(keys, settings.keyStorePassword(), trusted));
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "The key of %s cannot be used; its password must be that of the store: %s"
              .formatted(settings.keyStore(), e.getMessage()),
          e);
    }
  }

  /**
   * Connections by TLS 1.3 with the key of an attempt, whose certificate is the only one that is
   * trusted; plain connections where there is no key.
   *
   * @throws IOException if the key or its certificate cannot be read
   */
  public static TransportSecurity of(TlsKey key) throws IOException {
    if (!key.isPresent()) {
      return plain();
    }
    try {
      PrivateKey privateKey =
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(key.privateKey()));
      Certificate certificate =
          CertificateFactory.getInstance("X.509")
              .generateCertificate(new ByteArrayInputStream(key.certificate()));
      char[] noPassword = {}; // the store never leaves this JVM's memory
      KeyStore keys = emptyStore();
      keys.setKeyEntry(ALIAS, privateKey, noPassword, new Certificate[] {certificate});
      KeyStore trusted = emptyStore();
      trusted.setCertificateEntry(ALIAS, certificate);
      return new TransportSecurity(context(keys, noPassword, trusted));
    } catch (GeneralSecurityException e) {
      throw new IOException("The key of this attempt cannot be used: " + e.getMessage(), e);
    }
  }

  private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static SSLContext context(KeyStore keys, char[] password, KeyStore trusted)
      throws GeneralSecurityException {
    KeyManagerFactory keyManagers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keyManagers.init(keys, password);
    TrustManagerFactory trustManagers =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trustManagers.init(trusted);
    SSLContext context = SSLContext.getInstance(PROTOCOL);
    context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
    return context;
  }

  private static KeyStore load(Path file, char[] password) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(in, password);
      return store;
    } catch (IOException | GeneralSecurityException e) {
      throw new IOException(
          "A PKCS#12 or JKS store must be readable with the password given: %s is not (%s)."
              .formatted(file, e.getMessage()),
          e);
    }
  }

  private static boolean holdsKey(KeyStore store) throws GeneralSecurityException {
    for (String alias : Collections.list(store.aliases())) {
      if (store.isKeyEntry(alias)) {
        return true;
      }
    }
    return false;
  }

  boolean isEncrypted() {
    return context != null;
  }

  /** The end that dialed. */
  Wire caller(SocketChannel channel) throws IOException {
    return wire(channel, true);
  }

  /** The end that accepted. */
  Wire callee(SocketChannel channel) throws IOException {
    return wire(channel, false);
  }

  private Wire wire(SocketChannel channel, boolean caller) throws IOException {
    if (context == null) {
      return new PlainWire(channel);
    }
    SSLEngine engine = context.createSSLEngine();
    engine.setUseClientMode(caller);
    engine.setEnabledProtocols(new String[] {PROTOCOL});
    return new TlsWire(channel, engine);
  }
}
