package org.backdraft.jobs.checkpoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.checkpoint.CheckpointException;
import org.backdraft.checkpoint.CheckpointStore;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.process.Failure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reads checkpoints and compares every checksum. */
@Command(
    name = "verify",
    sortOptions = false,
    description = {
      "Checks marker, manifest, sizes, CRC32C, SHA-256 and form of a run's checkpoints,",
      "from the newest back to the first sound one, or all. Exit code 3 if none is sound,",
      "with --all if any finished one is not."
    },
    footer = {"", "Example: backdraft checkpoint verify runs/latest --all"})
final class CheckpointVerifyCommand implements Callable<Integer> {
  @Mixin private CheckpointOptions options;

  @Option(names = "--all", description = "Check every checkpoint.")
  private boolean all;

  @Mixin private StandardOptions standard;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    CheckpointStore store = options.open();
    List<CheckpointStore.Verification> found = new ArrayList<>();
    int sound = 0;
    for (CheckpointStore.Entry entry : store.list()) {
      if (entry.committed() && (all || sound == 0)) {
        CheckpointStore.Verification verification = store.verify(entry);
        found.add(verification);
        sound += verification.isSound() ? 1 : 0;
        if (!options.json) {
          spec.commandLine().getOut().print(text(verification));
          spec.commandLine().getOut().flush();
        }
      }
    }
    boolean isGood = sound > 0 && (!all || sound == found.size());
    if (options.json) {
      spec.commandLine().getOut().print(json(store, found, isGood));
    }
    if (found.isEmpty()) {
      throw new CheckpointException("%s holds no finished checkpoint.".formatted(store.location()));
    }
    return isGood ? 0 : Failure.DATA;
  }

  private static String text(CheckpointStore.Verification verification) {
    StringBuilder text = new StringBuilder();
    text.append(verification.isSound() ? "sound    " : "damaged  ")
        .append(verification.entry().path())
        .append('\n');
    for (String problem : verification.problems()) {
      text.append("  ").append(problem).append('\n');
    }
    for (String remark : verification.remarks()) {
      text.append("  note: ").append(remark).append('\n');
    }
    return text.toString();
  }

  private static String json(
      CheckpointStore store, List<CheckpointStore.Verification> found, boolean isGood) {
    List<Object> checkpoints = new ArrayList<>();
    for (CheckpointStore.Verification verification : found) {
      Map<String, Object> each = CheckpointOptions.map(verification.entry());
      each.put("sound", verification.isSound());
      each.put("problems", verification.problems());
      each.put("remarks", verification.remarks());
      checkpoints.add(each);
    }
    Map<String, Object> values = new LinkedHashMap<>();
    values.put("folder", store.location());
    values.put("passed", isGood);
    values.put("checkpoints", checkpoints);
    return Json.line(values) + "\n";
  }
}
