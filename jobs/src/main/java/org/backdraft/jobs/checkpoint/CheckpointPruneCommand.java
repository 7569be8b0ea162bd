package org.backdraft.jobs.checkpoint;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.checkpoint.Retention;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Amounts;
import org.backdraft.jobs.output.Json;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Removes old checkpoints. */
@Command(
    name = "prune",
    sortOptions = false,
    description = {
      "Removes all but the newest checkpoints of a run and the one with the best val_accuracy,",
      "and what earlier attempts left unfinished. The last sound one always stays; damaged ones",
      "are left for you."
    },
    footer = {"", "Example: backdraft checkpoint prune runs/latest --keep 2 --dry-run"})
final class CheckpointPruneCommand implements Callable<Integer> {
  @Mixin private CheckpointOptions options;

  @Option(
      names = "--keep",
      required = true,
      paramLabel = "N",
      description = "How many of the newest to keep, at least 1.")
  private int keep;

  @Option(names = "--dry-run", description = "Say what would be removed, and remove nothing.")
  private boolean dryRun;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Retention retention = retention();
    CheckpointStore store = options.open();
    List<CheckpointStore.Entry> removed =
        dryRun ? store.removable(retention) : store.prune(retention);
    long bytes = removed.stream().mapToLong(CheckpointStore.Entry::bytes).sum();
    PrintWriter out = spec.commandLine().getOut();
    if (options.json) {
      Map<String, Object> values = new LinkedHashMap<>();
      values.put("folder", store.location());
      values.put("dry_run", dryRun);
      values.put("bytes", bytes);
      values.put("removed", removed.stream().map(CheckpointOptions::map).toList());
      out.print(Json.line(values) + "\n");
      return 0;
    }
    for (CheckpointStore.Entry entry : removed) {
      out.print((dryRun ? "would remove  " : "removed  ") + entry.path() + "\n");
    }
    out.print(
        String.format(
            Locale.ROOT,
            "%d %s %s, %s%n",
            removed.size(),
            removed.size() == 1 ? "checkpoint" : "checkpoints",
            dryRun ? "would be removed" : "removed",
            Amounts.bytes(bytes)));
    return 0;
  }

  private Retention retention() {
    try {
      return new Retention(keep, true);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(spec.commandLine(), "--keep: " + e.getMessage(), e);
    }
  }
}
