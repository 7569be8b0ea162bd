package org.backdraft.comm.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class TlsKeyTest {
  private static X509Certificate certificate(TlsKey key) throws Exception {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(new ByteArrayInputStream(key.certificate()));
  }

  @Test
  void theCertificateIsReadByTheJdkSignedByItsKeyAndValidAtAnyTime() throws Exception {
    for (int i = 0; i < 20; i++) { // lengths in DER depend on random numbers
      X509Certificate certificate = certificate(TlsKey.create());
      certificate.verify(certificate.getPublicKey());
      certificate.checkValidity();
      assertThat(certificate.getNotAfter().toInstant())
          .isAfter(Instant.parse("9999-12-30T00:00:00Z"));
      assertThat(certificate.getVersion()).isEqualTo(3);
      assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=backdraft");
      assertThat(certificate.getIssuerX500Principal())
          .isEqualTo(certificate.getSubjectX500Principal());
      assertThat(certificate.getSigAlgName()).isEqualTo("SHA256withECDSA");
      assertThat(certificate.getSerialNumber().signum()).isPositive();
    }
  }

  @Test
  void everyKeyIsAnother() throws Exception {
    TlsKey one = TlsKey.create();
    TlsKey other = TlsKey.create();
    assertThat(one.privateKey()).isNotEqualTo(other.privateKey());
    assertThat(certificate(one).getSerialNumber())
        .isNotEqualTo(certificate(other).getSerialNumber());
    assertThat(one.isPresent()).isTrue();
    assertThat(TlsKey.none().isPresent()).isFalse();
  }

  @Test
  void theKeyIsNeverPrinted() {
    TlsKey key = TlsKey.create();
    assertThat(key.toString())
        .doesNotContain(HexFormat.of().formatHex(key.privateKey()))
        .doesNotContain(Base64.getEncoder().encodeToString(key.privateKey()))
        .doesNotContain("[B@")
        .contains("of this attempt");
  }
}
