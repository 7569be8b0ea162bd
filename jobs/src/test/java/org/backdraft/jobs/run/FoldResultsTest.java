package org.backdraft.jobs.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FoldResultsTest {
  @Test
  void meanAndSpreadAreThoseOfTheFolds() {
    FoldResults results = new FoldResults("run", 3, Optional.empty());
    results.add(Map.of("val_loss", 1.0, "val_accuracy", 0.5, "workers", 2, "epochs", 4));
    results.add(Map.of("val_loss", 2.0, "val_accuracy", 0.7, "workers", 2, "epochs", 5));
    assertThat(results.summary()).containsEntry("status", "interrupted");
    results.add(Map.of("val_loss", 6.0, "val_accuracy", 0.6, "workers", 2, "epochs", 6));

    FoldResults.Spread loss = results.spreads().get("val_loss");
    assertThat(loss.mean()).isEqualTo(3);
    assertThat(loss.deviation()).as("√((4 + 1 + 9) / 2)").isCloseTo(2.6457513, within(1e-6));
    assertThat(loss.least()).isEqualTo(1);
    assertThat(loss.most()).isEqualTo(6);
    assertThat(results.spreads()).doesNotContainKeys("workers", "epochs");
    assertThat(results.summary())
        .containsEntry("status", "completed")
        .containsEntry("val_loss", 3.0)
        .containsKey("cross_validation");
  }
}
