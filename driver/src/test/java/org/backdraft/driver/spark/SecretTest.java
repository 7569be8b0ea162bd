package org.backdraft.driver.spark;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.backdraft.data.spark.SparkHome;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What an attempt's connections are authenticated and encrypted with is shown nowhere. */
@Timeout(300)
class SecretTest {
  @TempDir Path folder;

  @Test
  @Tag("cluster")
  void secretsAreShownNowhere() throws IOException, InterruptedException {
    String output = SparkHome.run(SecretScenario.class, folder, 240, folder.toString());
    assertThat(output).contains("nothing was found").endsWith("exit 0");
  }

  /** That the search above would find one. */
  @Test
  void everyFormIsKnown() {
    byte[] secret = new byte[32];
    for (int i = 0; i < secret.length; i++) {
      secret[i] = (byte) (i * 37);
    }
    assertThat(SecretScenario.forms(secret))
        .allMatch(
            form ->
                HexFormat.of().formatHex(secret).contains(form)
                    || HexFormat.of().withUpperCase().formatHex(secret).contains(form)
                    || Arrays.toString(secret).contains(form)
                    || Base64.getEncoder().encodeToString(secret).contains(form)
                    || Base64.getUrlEncoder().encodeToString(secret).contains(form)
                    || form.length() == 9);
  }
}
