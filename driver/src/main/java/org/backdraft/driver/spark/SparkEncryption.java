package org.backdraft.driver.spark;

import java.util.List;
import java.util.function.UnaryOperator;
import org.backdraft.driver.Cluster;

/**
 * What Spark's settings say about encryption. Who asks Spark to encrypt something that travels
 * wants the same of gradients and weights: {@code spark.ssl.enabled} (its web pages), {@code
 * spark.ssl.rpc.enabled}, {@code spark.network.crypto.enabled}, {@code
 * spark.authenticate.enableSaslEncryption}. {@code spark.authenticate} alone asks that both ends
 * prove who they are, as ours always do.
 *
 * <p><b>Source</b>: Spark's {@code docs/security.md}. RPC, and so tasks, are encrypted by {@code
 * spark.ssl.rpc.enabled} alone (it does not follow {@code spark.ssl.enabled}) or, where {@code
 * spark.authenticate} is on, by one of the last two.
 */
public final class SparkEncryption {
  private static final String AUTHENTICATE = "spark.authenticate";
  private static final String RPC_TLS = "spark.ssl.rpc.enabled";
  private static final String WEB_TLS = "spark.ssl.enabled";
  private static final List<String> WITH_AUTHENTICATION =
      List.of("spark.network.crypto.enabled", "spark.authenticate.enableSaslEncryption");

  private SparkEncryption() {}

  /**
   * @param settings gives a setting's value, or anything but {@code true} where it is not set
   * @param isLocal whether tasks stay in the driver's JVM
   */
  public static Cluster.Encryption of(UnaryOperator<String> settings, boolean isLocal) {
    boolean rpc = isOn(settings, RPC_TLS);
    String wanted = rpc ? RPC_TLS : isOn(settings, WEB_TLS) ? WEB_TLS : "";
    for (String key : WITH_AUTHENTICATION) {
      if (isOn(settings, key)) {
        rpc |= isOn(settings, AUTHENTICATE);
        wanted = wanted.isEmpty() ? key : wanted;
      }
    }
    return wanted.isEmpty()
        ? new Cluster.Encryption(false, "no Spark setting asks for it", isLocal)
        : new Cluster.Encryption(true, wanted + "=true", isLocal || rpc);
  }

  private static boolean isOn(UnaryOperator<String> settings, String key) {
    return "true".equals(settings.apply(key));
  }
}
