package org.backdraft.jobs.output;

import java.util.LinkedHashMap;
import java.util.Map;
import org.backdraft.plan.MemoryReport;

/** A worker's memory, for people and machines. */
public final class MemoryText {
  private MemoryText() {}

  /** A line for each purpose. */
  public static String of(MemoryReport memory) {
    return new TextTable("  purpose", ">size", "")
        .row("  parameters", Amounts.bytes(memory.parameterBytes()), "")
        .row(
            "  gradients",
            Amounts.bytes(memory.gradientBytes()),
            memory.gradientBuffers() == 1
                ? "in one buffer, whatever the number of leaves"
                : "in " + memory.gradientBuffers() + " buffers, each for a subtree of its leaves")
        .row("  optimizer", Amounts.bytes(memory.optimizerBytes()), "")
        .row("  activations", Amounts.bytes(memory.activationBytes()), "")
        .row("  workspace", Amounts.bytes(memory.workspaceBytes()), "")
        .row("  total", Amounts.bytes(memory.totalBytes()), "")
        .toString();
  }

  /** The same by key, in bytes. */
  public static Map<String, Object> map(MemoryReport memory) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("parameter_bytes", memory.parameterBytes());
    values.put("gradient_bytes", memory.gradientBytes());
    values.put("gradient_buffers", memory.gradientBuffers());
    values.put("optimizer_bytes", memory.optimizerBytes());
    values.put("activation_bytes", memory.activationBytes());
    values.put("workspace_bytes", memory.workspaceBytes());
    values.put("total_bytes", memory.totalBytes());
    return values;
  }
}
