package org.backdraft.jobs.checkpoint;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.checkpoint.CheckpointState;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.TextTable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Lists checkpoints without reading their tensors. */
@Command(
    name = "list",
    sortOptions = false,
    description = "Lists the checkpoints of a run, newest first, also unfinished ones.",
    footer = {"", "Example: backdraft checkpoint list runs/latest --json"})
final class CheckpointListCommand implements Callable<Integer> {
  @Mixin private CheckpointOptions options;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CheckpointStore store = options.open();
    List<CheckpointStore.Entry> entries = store.list();
    spec.commandLine().getOut().print(options.json ? json(store, entries) : table(entries));
    return 0;
  }

  private static String json(CheckpointStore store, List<CheckpointStore.Entry> entries) {
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("folder", store.location());
    values.put("checkpoints", entries.stream().map(CheckpointOptions::map).toList());
    return Json.line(values) + "\n";
  }

  private static String table(List<CheckpointStore.Entry> entries) {
    TextTable table =
        new TextTable(">step", ">attempt", ">size", ">" + CheckpointState.METRIC, "", "path");
    for (CheckpointStore.Entry entry : entries) {
      table.row(
          Long.toString(entry.step()),
          Integer.toString(entry.attempt()),
          Amounts.bytes(entry.bytes()),
          entry.metric().isPresent()
              ? String.format(Locale.ROOT, "%.4f", entry.metric().getAsDouble())
              : "-",
          entry.committed() ? "" : "unfinished",
          entry.path());
    }
    return table.toString();
  }
}
