package org.backdraft.jobs;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.jobs.doctor.Checkup;
import org.backdraft.jobs.doctor.Finding;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.TextTable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Looks at this machine and JVM. */
@Command(
    name = "doctor",
    description = "Checks JDK, flags, kernels, cores, memory, temporary space and Spark settings.",
    footer = {
      "",
      "Exits with 0 when Backdraft can run, 1 when something must be mended.",
      "",
      "Example: backdraft doctor"
    })
final class DoctorCommand implements Callable<Integer> {
  @Mixin private StandardOptions standard;

  @Option(names = "--json", description = "Print a JSON object.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    List<Finding> findings = Checkup.all();
    boolean healthy = findings.stream().noneMatch(each -> each.verdict() == Finding.Verdict.BAD);
    PrintWriter out = spec.commandLine().getOut();
    out.print(json ? json(findings, healthy) : table(findings));
    return healthy ? 0 : 1;
  }

  private static String json(List<Finding> findings, boolean healthy) {
    List<Map<String, Object>> checks = new ArrayList<>();
    for (Finding finding : findings) {
      Map<String, Object> check = new LinkedHashMap<>();
      check.put("subject", finding.subject());
      check.put("verdict", finding.verdict().word());
      check.put("found", finding.found());
      check.put("advice", finding.advice());
      checks.add(check);
    }
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("healthy", healthy);
    all.put("checks", checks);
    return Json.line(all) + "\n";
  }

  private static String table(List<Finding> findings) {
    TextTable table = new TextTable("", "subject", "found", "advice");
    for (Finding finding : findings) {
      table.row(finding.verdict().word(), finding.subject(), finding.found(), finding.advice());
    }
    return table.toString();
  }
}
