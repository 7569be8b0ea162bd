package org.backdraft.jobs.lesson;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.neuron.ThresholdUnit;

/** Truth tables of threshold units. */
final class ThresholdLesson implements Lesson {
  private static Map<String, ThresholdUnit> units() {
    Map<String, ThresholdUnit> units = new LinkedHashMap<>();
    units.put("and", ThresholdUnit.and(2));
    units.put("or", ThresholdUnit.or(2));
    units.put("not", ThresholdUnit.not());
    units.put("and_not", ThresholdUnit.andNot());
    units.put("or3", ThresholdUnit.or(3));
    return units;
  }

  @Override
  public Shown show() {
    Map<String, Object> results = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    units()
        .forEach(
            (name, unit) -> {
              StringBuilder outputs = new StringBuilder();
              TextTable table = new TextTable(header(unit));
              for (int[] row : unit.truthTable()) {
                List<String> cells = new ArrayList<>();
                for (int each : row) {
                  cells.add(Integer.toString(each));
                }
                table.row(cells.toArray(String[]::new));
                outputs.append(row[unit.inputs()]);
              }
              results.put(name, outputs.toString());
              text.append(name).append(": 1 where ").append(unit.boundary()).append('\n');
              text.append(table).append('\n');
            });
    return new Shown(text.toString(), results);
  }

  private static String[] header(ThresholdUnit unit) {
    String[] header = new String[unit.inputs() + 1];
    for (int i = 0; i < unit.inputs(); i++) {
      header[i] = "x" + (i + 1);
    }
    header[unit.inputs()] = "y";
    return header;
  }
}
