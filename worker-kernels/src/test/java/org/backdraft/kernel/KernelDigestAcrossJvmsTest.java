package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Child JVMs of several widths, and of JDK 25 where there is one, print one and the same digest.
 */
@Tag("cluster")
final class KernelDigestAcrossJvmsTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";
  private static final long TIMEOUT_SECONDS = 120;

  @TempDir Path directory;

  @ParameterizedTest
  @CsvSource({
    "this, default",
    "this, -XX:UseAVX=2",
    "this, -XX:MaxVectorSize=16",
    "this, -Dbackdraft.kernels=scalar",
    "25, default",
    "25, -XX:UseAVX=2",
    "25, -XX:MaxVectorSize=16",
    "25, -Dbackdraft.kernels=scalar"
  })
  void digestIsTheSame(String jdk, String flag) throws Exception {
    Path home = jdk.equals("this") ? Path.of(System.getProperty("java.home")) : jdk25();
    List<String> flags = new ArrayList<>(List.of(MODULE, "-XX:+IgnoreUnrecognizedVMOptions"));
    if (!flag.equals("default")) {
      flags.add(flag);
    }
    String[] words = lastLine(home, flags).split(" ", 4);
    assertThat(words[0]).isEqualTo("digest");
    assertThat(words[1]).as("cold, %s", words[3]).isEqualTo(KernelDigest.EXPECTED);
    assertThat(words[2]).as("compiled, %s", words[3]).isEqualTo(KernelDigest.EXPECTED);
    boolean scalar = flag.endsWith("scalar");
    assertThat(words[3]).startsWith(scalar ? "scalar" : "SIMD");
  }

  @Test
  void withoutTheModuleScalarKernelsRunAndSayWhy() throws Exception {
    Path home = Path.of(System.getProperty("java.home"));
    String[] words = lastLine(home, List.of()).split(" ", 4);
    assertThat(words[1]).isEqualTo(KernelDigest.EXPECTED);
    assertThat(words[3]).contains("scalar").contains("--add-modules jdk.incubator.vector");
  }

  @Test
  void simdThatIsDemandedAndImpossibleIsAnError() throws Exception {
    Path home = Path.of(System.getProperty("java.home"));
    String line = output(home, List.of("-Dbackdraft.kernels=simd"));
    assertThat(line)
        .contains("IllegalStateException")
        .contains("-Dbackdraft.kernels=simd needs")
        .contains("--add-modules jdk.incubator.vector");
  }

  /** The folder of {@code -Dbackdraft.jdk25}, else a neighbour of this JDK with 25 in its name. */
  private static Path jdk25() throws IOException {
    String property = System.getProperty("backdraft.jdk25", "");
    if (!property.isEmpty()) {
      return Path.of(property);
    }
    Path home = Path.of(System.getProperty("java.home")).toRealPath();
    Path found = null;
    try (DirectoryStream<Path> neighbours = Files.newDirectoryStream(home.getParent(), "*25*")) {
      for (Path neighbour : neighbours) {
        if (Files.isExecutable(neighbour.resolve("bin/java"))) {
          found = neighbour;
        }
      }
    }
    assumeThat(found)
        .as("a JDK 25 beside %s, or its folder in -Dbackdraft.jdk25", home)
        .isNotNull();
    return found;
  }

  private String lastLine(Path home, List<String> flags) throws Exception {
    String[] lines = output(home, flags).strip().split("\n", -1);
    return lines[lines.length - 1];
  }

  private String output(Path home, List<String> flags) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/java").toString());
    command.addAll(flags);
    command.add("-Xmx512m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(KernelDigest.class.getName());
    Path out = directory.resolve("out.txt");
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(out.toFile()).start();
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).as("%s", command).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(out, StandardCharsets.UTF_8);
  }
}
