package org.backdraft.ps;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.backdraft.comm.transport.tcp.FrameFuzz;
import org.backdraft.comm.transport.tcp.HandshakeFuzz;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** All inputs that fuzzing began with, or found worth keeping, each for its target. */
@Timeout(60)
class FuzzCorpusTest {
  /** What is fuzzed. */
  private interface Target {
    void run(byte[] input) throws Exception;
  }

  private static final Map<String, Target> TARGETS =
      Map.ofEntries(
          Map.entry("FrameFuzz", FrameFuzz::fuzzerTestOneInput),
          Map.entry("HandshakeFuzz", HandshakeFuzz::fuzzerTestOneInput),
          Map.entry("ShardAnswerFuzz", ShardAnswerFuzz::fuzzerTestOneInput),
          Map.entry("ShardRequestFuzz", ShardRequestFuzz::fuzzerTestOneInput));

  /** Beside this class, wherever the test runs. */
  private static Path corpus() throws URISyntaxException {
    return Path.of(FuzzCorpusTest.class.getProtectionDomain().getCodeSource().getLocation().toURI())
        .resolve("fuzz");
  }

  @Test
  void noInputOfTheCorpusBreaksItsTarget() throws Exception {
    for (Map.Entry<String, Target> target : new TreeMap<>(TARGETS).entrySet()) {
      target.getValue().run(new byte[0]);
      try (Stream<Path> inputs = Files.list(corpus().resolve(target.getKey()))) {
        for (Path input : inputs.sorted().toList()) {
          run(target.getValue(), input);
        }
      }
    }
  }

  private static void run(Target target, Path input) throws IOException {
    try {
      target.run(Files.readAllBytes(input));
    } catch (Exception | AssertionError e) {
      throw new AssertionError("The input " + input + " must be read, or refused by name.", e);
    }
  }

  @Test
  void everyFolderOfTheCorpusHasATarget() throws Exception {
    try (Stream<Path> folders = Files.list(corpus())) {
      assertThat(folders.map(folder -> folder.getFileName().toString()))
          .containsExactlyInAnyOrderElementsOf(TARGETS.keySet());
    }
  }
}
