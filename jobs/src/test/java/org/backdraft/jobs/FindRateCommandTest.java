package org.backdraft.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Searches through Spark in this JVM. */
final class FindRateCommandTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir Path folder;

  private CommandLineRun find(String out, String... more) {
    List<String> words =
        new ArrayList<>(
            List.of(
                "find-lr",
                "--model",
                "mlp:hidden=20",
                "--data",
                "digits:train=600,val=50",
                "--threads",
                "1",
                "--out",
                folder.resolve(out).toString()));
    words.addAll(List.of(more));
    return CommandLineRun.of(words.toArray(String[]::new));
  }

  @Test
  void theRateThatIsSuggestedIsTheSameForTwoWorkersAndLearns() throws Exception {
    CommandLineRun one = find("one", "--to", "1e5", "--steps", "60", "--json");
    assertThat(one.exitCode()).as(one.err()).isZero();
    JsonNode result = JSON.readTree(one.out());
    double suggested = result.get("suggested_lr").asDouble();
    assertThat(suggested).isBetween(1e-4, 1.0);
    assertThat(result.get("lowest_loss_lr").asDouble()).isGreaterThan(suggested);
    assertThat(result.get("diverged").asBoolean()).isTrue();
    assertThat(result.get("steps").asInt()).isBetween(20, 59);
    Path out = folder.resolve("one");
    assertThat(Files.readString(out.resolve("rates.svg"))).contains("steepest");
    assertThat(JSON.readTree(out.resolve("summary.json").toFile()).get("suggested_lr"))
        .isEqualTo(result.get("suggested_lr"));

    CommandLineRun two = find("two", "--to", "1e5", "--steps", "60", "--workers", "2");
    assertThat(two.exitCode()).as(two.err()).isZero();
    assertThat(two.out()).contains("<- steepest", "next   --lr ");
    assertThat(Files.readString(folder.resolve("two").resolve("rates.csv")))
        .isEqualTo(Files.readString(out.resolve("rates.csv")));
  }

  @Test
  void ratesThatAreAllTooSmallGiveNone() throws Exception {
    CommandLineRun run = find("small", "--from", "1e-9", "--to", "1e-8", "--steps", "30");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains("rate   none");
  }

  @Test
  void whatHasNoRateIsRefused() {
    assertRefused("rprop finds its own step lengths", "--set", "optimizer.name=rprop");
    assertRefused("--steps must be at least 20", "--steps", "5");
    assertRefused("schedule.range-test.start-lr", "--from", "20");
    CommandLineRun lesson = CommandLineRun.of("find-lr", "--recipe", "perceptron");
    assertThat(lesson.exitCode()).isEqualTo(2);
    assertThat(lesson.err()).contains("lesson");
  }

  private void assertRefused(String message, String... more) {
    CommandLineRun run = find("refused", more);
    assertThat(run.exitCode()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }
}
