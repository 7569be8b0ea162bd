package org.backdraft.jobs;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.backdraft.jobs.config.Recipe;
import org.backdraft.jobs.options.StandardOptions;
import org.backdraft.jobs.output.Json;
import org.backdraft.jobs.output.TextTable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the recipes. */
@Command(
    name = "recipes",
    description =
        "Lists the recipes that 'train --recipe NAME' knows, with about how many minutes each takes on"
            + " two cores.",
    footer = {"", "Example: backdraft recipes --json"})
final class RecipesCommand implements Callable<Integer> {
  @Mixin private StandardOptions standard;

  @Option(names = "--json", description = "Print a JSON array.")
  private boolean json;

  @CommandLine.Spec private CommandLine.Model.CommandSpec spec;

  @Override
  public Integer call() {
    List<Recipe> recipes = Recipe.names().stream().map(Recipe::named).toList();
    spec.commandLine().getOut().print(json ? json(recipes) : table(recipes));
    return 0;
  }

  private static String json(List<Recipe> recipes) {
    List<Map<String, Object>> list = new ArrayList<>();
    for (Recipe recipe : recipes) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", recipe.name());
      entry.put("description", recipe.description());
      entry.put("source", recipe.source());
      entry.put("minutes", recipe.minutes());
      entry.put("needs", recipe.needs());
      entry.put("expected", recipe.expected());
      entry.put("config", recipe.config().root());
      list.add(entry);
    }
    return Json.line(list) + "\n";
  }

  private static String table(List<Recipe> recipes) {
    TextTable table = new TextTable("recipe", ">minutes", "expected", "needs", "description");
    for (Recipe recipe : recipes) {
      List<String> expected = new ArrayList<>();
      recipe
          .expected()
          .forEach((key, value) -> expected.add(key + " " + recipe.relation(key) + " " + value));
      table.row(
          recipe.name(),
          "" + recipe.minutes(),
          String.join(", ", expected),
          recipe.needs(),
          recipe.description());
    }
    return table.toString();
  }
}
