package org.backdraft.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The accumulators of a register tile must live in registers: one that C2 puts on the stack in the
 * loop halves the speed, and no other test would notice.
 */
final class RegisterSpillTest {
  /** Classes with this in their names hold the tiles. */
  private static final String TILES = "Tile";

  /** The calibration leaves candidates that spill behind if there is one that does not. */
  private static final List<String> KINDS = List.of("RunTile", "OuterTile");

  /** Likewise, where the kernels say that they pack rows. */
  private static final String PACKED_KIND = "PackedTile";

  /** A tile's loop has at least so many; fewer are edges, whose speed does not matter. */
  private static final int LEAST_PRODUCTS = 8;

  private static final String SECONDS = "5";
  private static final long TIMEOUT_SECONDS = 120;

  @TempDir Path directory;

  @ParameterizedTest
  @Tag("cluster")
  @ValueSource(strings = {"-XX:+UseFMA", "-XX:UseAVX=2"})
  void someTileOfEachKindDoesNotSpill(String flag) throws Exception {
    assumeThat(System.getProperty("os.arch")).as("only x86-64 code is read").isEqualTo("amd64");
    assumeThat(hasObjdump()).as("objdump of binutils must be on the PATH").isTrue();
    List<String> printed = print(flag);
    String kernels =
        printed.stream()
            .filter(line -> line.startsWith(SpillProbe.KERNELS))
            .map(line -> line.substring(SpillProbe.KERNELS.length()))
            .findFirst()
            .orElseThrow();
    assumeThat(kernels).as("SIMD kernels must run").startsWith("SIMD");
    assumeThat(printed).as("bytes are printed only where hsdis is absent").contains("[MachCode]");

    Map<String, List<String>> spills = new TreeMap<>();
    for (Map.Entry<String, byte[]> method : MachineCode.methods(printed).entrySet()) {
      MachineCode.Loop loop =
          MachineCode.innermost(method.getValue(), directory.resolve("code.bin"));
      if (loop.products() >= LEAST_PRODUCTS) {
        spills.put(method.getKey(), loop.spills());
      }
    }
    List<String> kinds = new ArrayList<>(KINDS);
    if (kernels.contains("packed")) {
      kinds.add(PACKED_KIND);
    }
    for (String kind : kinds) {
      assertThat(spills.entrySet())
          .as("no spill in the loop of some %s of %s: %s", kind, kernels, spills)
          .anyMatch(tile -> tile.getKey().contains(kind) && tile.getValue().isEmpty());
    }
  }

  @Test
  void aSpillInTheInnermostLoopIsSeenAndOneBeforeItIsNot() {
    List<String> clean =
        List.of(
            "   0:\tvmovdqu64 ZMMWORD PTR [rsp+0x40],zmm1",
            "   8:\tvbroadcastss zmm2,DWORD PTR [rsi+0x10]",
            "  10:\tvfmadd231ps zmm0,zmm1,zmm2",
            "  18:\tmov    eax,DWORD PTR [rsp+0x8]",
            "  1c:\tjl     0x8",
            "  20:\tjmp    0x0");
    assertThat(MachineCode.innermost(clean)).isEqualTo(new MachineCode.Loop(1, List.of()));
    String spill = "vfmadd231ps zmm3,zmm1,ZMMWORD PTR [rsp+0x40]";
    List<String> spilling =
        List.of(clean.get(0), clean.get(1), clean.get(2), "  14:\t" + spill, clean.get(4));
    assertThat(MachineCode.innermost(spilling)).isEqualTo(new MachineCode.Loop(2, List.of(spill)));
  }

  @Test
  void theLastCompilationFromTheBeginningCounts() {
    List<String> printed =
        List.of(
            "Compiled method (c1)     897 1012       3       a.Tile::run (788 bytes)",
            "[MachCode]",
            "  0x00007f50b4f34d60: 0102 ",
            "[/MachCode]",
            "Compiled method (c2)    1402 1020       4       a.Tile::run (788 bytes)",
            "[MachCode]",
            "[Verified Entry Point]",
            "  # {method} 'run'",
            "  0x00007f50b4f34d60: 8984 2400 | c0fe ",
            "  0x00007f50b4f34d66: ; ImmutableOopMap {rbp=Oop }",
            "  0x00007f50b4f34d66: 55",
            "[/MachCode]",
            "Compiled method (c2)    1410 1021 %     4       a.Tile::run @ 178 (788 bytes)",
            "[MachCode]",
            "  0x00007f50b4f34d60: 90",
            "[/MachCode]");
    Map<String, byte[]> methods = MachineCode.methods(printed);
    assertThat(methods).containsOnlyKeys("a.Tile::run");
    assertThat(methods.get("a.Tile::run"))
        .containsExactly(0x89, 0x84, 0x24, 0x00, 0xc0, 0xfe, 0x55);
  }

  private static boolean hasObjdump() throws InterruptedException {
    try {
      return new ProcessBuilder("objdump", "--version")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    }
  }

  private List<String> print(String flag) throws Exception {
    Path out = directory.resolve("out.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home")).resolve("bin/java").toString(),
                "--add-modules=jdk.incubator.vector",
                flag,
                "-XX:+UnlockDiagnosticVMOptions",
                "-XX:CompileCommand=quiet",
                "-XX:CompileCommand=print,*" + TILES + "*.*",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                SpillProbe.class.getName(),
                SECONDS)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readString(out, StandardCharsets.UTF_8).lines().toList();
    assertThat(process.exitValue()).as("%s", lines).isZero();
    return lines;
  }
}
