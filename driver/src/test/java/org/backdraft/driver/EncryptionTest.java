package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.backdraft.comm.transport.TlsKey;
import org.backdraft.driver.config.SyncConfig;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.control.GangAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Gangs whose connections are encrypted, over sockets on the loopback interface. */
@Timeout(120)
class EncryptionTest {
  private final List<TrainingListener.Agreement> agreements = new ArrayList<>();
  private final AtomicReference<GangAddress> address = new AtomicReference<>();

  private TrainingReport train(int workers, String tls) throws IOException {
    SyncConfig sync = SyncConfigs.sync("probe", false, "tls", tls);
    TrainingConfig config = TestConfigs.with(TestConfigs.small(workers, 1, 1, 0.05f), sync);
    ThreadCluster.Body body =
        (task, rank) -> {
          address.set(task.gang());
          ThreadCluster.WORKER_OVER_TCP.run(task, rank);
        };
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onAgreement(Agreement agreement) {
            agreements.add(agreement);
          }
        };
    return new TrainingJob(config, TestNets::plain, ThreadCluster.provider(body), listener).run();
  }

  @Test
  void anEncryptedGangGivesTheSameWeightsAndSaysThatItIsEncrypted() throws IOException {
    String expected = train(1, "false").weightsSha256();
    try (CapturedLog log = new CapturedLog(GangSecurity.class)) {
      assertThat(train(3, "true").weightsSha256()).isEqualTo(expected);
      assertThat(log.lines())
          .anyMatch(line -> line.contains("encrypted by TLS 1.3 (sync.tls=true"));
    }
    assertThat(agreements)
        .extracting(TrainingListener.Agreement::isEncrypted)
        .containsExactly(false, true);
    TlsKey key = address.get().tls();
    assertThat(key.isPresent()).isTrue();
    String text = address.get().toString();
    for (byte[] secret : List.of(key.privateKey(), address.get().credentials().secret())) {
      assertThat(text)
          .doesNotContain(HexFormat.of().formatHex(secret))
          .doesNotContain(Base64.getEncoder().encodeToString(secret))
          .doesNotContain(new String(secret, StandardCharsets.ISO_8859_1));
    }
  }

  @Test
  void autoFollowsTheCluster() {
    SyncConfig auto = SyncConfig.defaults();
    Cluster.Encryption asked = new Cluster.Encryption(true, "spark.x=true", true);
    Cluster.Encryption unprotected = new Cluster.Encryption(true, "spark.x=true", false);
    Cluster.Encryption not = new Cluster.Encryption(false, "no Spark setting asks for it", false);
    try (CapturedLog log = new CapturedLog(GangSecurity.class)) {
      assertThat(GangSecurity.tls(auto, asked).isPresent()).isTrue();
      assertThat(log.lines()).hasSize(1).allMatch(line -> line.contains("spark.x=true"));
      assertThat(GangSecurity.tls(auto, not).isPresent()).isFalse();
      assertThat(log.lines().get(1)).contains("authenticated, not encrypted (no Spark setting");
      assertThat(GangSecurity.tls(auto, unprotected).isPresent()).isTrue();
      assertThat(log.lines().get(3)).startsWith("WARN").contains("spark.ssl.rpc.enabled");
    }
  }
}
