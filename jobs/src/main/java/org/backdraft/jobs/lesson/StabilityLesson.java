package org.backdraft.jobs.lesson;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;
import org.backdraft.neuron.Line;
import org.backdraft.neuron.Observations;
import org.backdraft.neuron.Perceptron;
import org.backdraft.neuron.StablePerceptron;

/** The first line that parts the observations, beside the one with the largest margin. */
final class StabilityLesson implements Lesson {
  private static final int STEPS = 10_000;
  private static final int MOST_EPOCHS = 1000;

  @Override
  public Shown show() {
    Map<String, Observations> all = new LinkedHashMap<>();
    all.put("and", Observations.and());
    all.put("or", Observations.or());
    TextTable table = new TextTable("data", "rule", ">margin", "1 where");
    Map<String, Object> results = new LinkedHashMap<>();
    List<LineChart> charts = new ArrayList<>();
    all.forEach(
        (name, data) -> {
          Line first = new Perceptron(1, MOST_EPOCHS).learn(data).line();
          Line best = new StablePerceptron(STEPS).learn(data);
          table.row(name, "perceptron", margin(first, data), first.toString());
          table.row(name, "optimal stability", margin(best, data), best.toString());
          results.put(name + "_perceptron_margin", margin(first, data));
          results.put(name + "_margin", margin(best, data));
          Map<String, Line> lines = new LinkedHashMap<>();
          lines.put("perceptron", first);
          lines.put("optimal stability", best);
          charts.add(PlaneChart.of(name, data, lines));
        });
    return new Shown(table.toString(), results, Optional.of(new Figure(charts)));
  }

  private static String margin(Line line, Observations data) {
    return String.format(Locale.ROOT, "%.3f", line.margin(data));
  }
}
