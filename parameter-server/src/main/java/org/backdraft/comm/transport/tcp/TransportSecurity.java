package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import org.backdraft.comm.transport.TlsSettings;

/**
 * Whether connections are encrypted. Both ends of every connection use the same kind. Who is at the
 * other end is proved by the attempt's secret in either case; the callee's certificate is checked
 * against the trust store and the proofs are bound to it. Immutable and safe for all threads.
 */
public final class TransportSecurity {
  private static final String PROTOCOL = "TLSv1.3";

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
      KeyManagerFactory keyManagers =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keyManagers.init(keys, settings.keyStorePassword());
      TrustManagerFactory trustManagers =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trustManagers.init(trusted);
      SSLContext context = SSLContext.getInstance(PROTOCOL);
      context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
      return new TransportSecurity(context);
    } catch (GeneralSecurityException e) {
      throw new IOException(
          "The key of %s cannot be used; its password must be that of the store: %s"
              .formatted(settings.keyStore(), e.getMessage()),
          e);
    }
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
