package org.backdraft.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What C2 made of methods, read from what {@code -XX:CompileCommand=print} writes where no
 * disassembler is installed: hexadecimal bytes, which objdump understands.
 */
final class MachineCode {
  private static final Pattern METHOD =
      Pattern.compile("Compiled method \\(c2\\)\\s+\\d+\\s+\\d+ (.{6})\\s*\\d\\s+(\\S+) ");

  private static final Pattern BYTES = Pattern.compile("\\s*0x[0-9a-f]+: ([0-9a-f |]+)");

  private static final Pattern INSTRUCTION = Pattern.compile("\\s*([0-9a-f]+):\\s+(.*)");

  /** Within the method: what leaves it goes to addresses of 16 digits. */
  private static final Pattern JUMP = Pattern.compile("j\\w+\\s+0x([0-9a-f]{1,8})(?![0-9a-f]).*");

  /** A vector, not a scalar: those are moved by doublewords. */
  private static final Pattern VECTOR_ON_STACK = Pattern.compile("v.*[XYZ]MMWORD PTR \\[rsp.*");

  private record Instruction(long address, String text) {}

  /**
   * The innermost loop of a method.
   *
   * @param products fused multiply-adds in its body
   * @param spills the instructions of its body that move vectors to or from the stack
   */
  record Loop(int products, List<String> spills) {}

  private MachineCode() {}

  /**
   * The last code that C2 made for each method, from its beginning (not for a replacement on the
   * stack), by the method's name.
   *
   * @param printed what the JVM wrote
   */
  static Map<String, byte[]> methods(List<String> printed) {
    Map<String, byte[]> methods = new LinkedHashMap<>();
    String name = null;
    ByteArrayOutputStream bytes = null;
    for (String line : printed) {
      Matcher method = METHOD.matcher(line);
      if (line.startsWith("Compiled method")) {
        name = method.lookingAt() && !method.group(1).contains("%") ? method.group(2) : null;
      } else if (line.equals("[MachCode]")) {
        bytes = new ByteArrayOutputStream();
      } else if (line.equals("[/MachCode]")) {
        if (name != null && bytes != null) {
          methods.put(name, bytes.toByteArray());
        }
        bytes = null;
      } else if (bytes != null) {
        Matcher hex = BYTES.matcher(line);
        if (hex.matches()) {
          String digits = hex.group(1).replaceAll("[ |]", "");
          for (int i = 0; i + 1 < digits.length(); i += 2) {
            bytes.write(Integer.parseInt(digits.substring(i, i + 2), 16));
          }
        }
      }
    }
    return methods;
  }

  /**
   * The shortest loop among those with the most fused multiply-adds: the main loop of a register
   * tile.
   *
   * @param scratch a file to be written
   */
  static Loop innermost(byte[] code, Path scratch) throws IOException, InterruptedException {
    Files.write(scratch, code);
    Process objdump =
        new ProcessBuilder(
                "objdump",
                "-D",
                "-b",
                "binary",
                "-m",
                "i386:x86-64",
                "-M",
                "intel",
                "--no-show-raw-insn",
                scratch.toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(objdump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (objdump.waitFor() != 0) {
      throw new IOException("objdump failed: " + text);
    }
    return innermost(text.lines().toList());
  }

  static Loop innermost(List<String> disassembly) {
    List<Instruction> all = new ArrayList<>();
    for (String line : disassembly) {
      Matcher matcher = INSTRUCTION.matcher(line);
      if (matcher.matches()) {
        all.add(new Instruction(Long.parseLong(matcher.group(1), 16), matcher.group(2)));
      }
    }
    Loop best = new Loop(0, List.of());
    long shortest = Long.MAX_VALUE;
    for (Instruction end : all) {
      Matcher jump = JUMP.matcher(end.text());
      if (!jump.matches()) {
        continue;
      }
      long begin = Long.parseLong(jump.group(1), 16);
      if (begin >= end.address()) {
        continue;
      }
      List<String> body =
          all.stream()
              .filter(i -> i.address() >= begin && i.address() <= end.address())
              .map(Instruction::text)
              .toList();
      int products = (int) body.stream().filter(i -> i.startsWith("vfmadd")).count();
      long length = end.address() - begin;
      if (products > best.products() || (products == best.products() && length < shortest)) {
        shortest = length;
        best =
            new Loop(
                products, body.stream().filter(i -> VECTOR_ON_STACK.matcher(i).matches()).toList());
      }
    }
    return best;
  }
}
