package org.backdraft.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** No number stands in a README that no file of measurements holds. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class TablesTest {
  @Test
  void tablesOfTheReadmesAreThoseOfTheNewestResults() throws Exception {
    assumeThat(runs("python3", "--version")).as("python3 must be on the PATH").isTrue();
    Process check =
        new ProcessBuilder("python3", "table.py", "--check").redirectErrorStream(true).start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(check.waitFor()).as(said).isZero();
  }

  private static boolean runs(String... command) throws InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }
}
