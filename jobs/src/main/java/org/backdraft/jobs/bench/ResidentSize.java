package org.backdraft.jobs.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** The memory that this process has occupied, as the kernel of the operating system counts it. */
final class ResidentSize {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String MOST = "VmHWM:";

  private ResidentSize() {}

  /** The most so far, in MiB; empty where Linux's {@code /proc} is absent. */
  static OptionalLong mostMib() throws IOException {
    if (!Files.isReadable(STATUS)) {
      return OptionalLong.empty();
    }
    for (String line : Files.readAllLines(STATUS)) {
      if (line.startsWith(MOST)) {
        long kib = Long.parseLong(line.replaceAll("[^0-9]", ""));
        return OptionalLong.of(kib >> 10);
      }
    }
    return OptionalLong.empty();
  }
}
