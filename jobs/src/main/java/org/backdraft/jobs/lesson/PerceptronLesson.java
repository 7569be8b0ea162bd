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
import org.backdraft.neuron.Observations;
import org.backdraft.neuron.Perceptron;

/** The perceptron rule on data that a line parts, and on XOR. */
final class PerceptronLesson implements Lesson {
  private static final double RATE = 1;
  private static final int MOST_EPOCHS = 1000;

  @Override
  public Shown show() {
    Map<String, Observations> all = new LinkedHashMap<>();
    all.put("and", Observations.and());
    all.put("or", Observations.or());
    all.put("not", Observations.not());
    all.put("xor", Observations.xor());
    TextTable table = new TextTable("data", "end", ">epochs", ">updates", ">mistakes", "1 where");
    StringBuilder reasons = new StringBuilder();
    Map<String, Object> results = new LinkedHashMap<>();
    List<LineChart> charts = new ArrayList<>();
    all.forEach(
        (name, data) -> {
          Perceptron.Outcome outcome = new Perceptron(RATE, MOST_EPOCHS).learn(data);
          String end = outcome.end().name().toLowerCase(Locale.ROOT).replace('_', '-');
          table.row(
              name,
              end,
              Integer.toString(outcome.epochs()),
              Integer.toString(outcome.updates()),
              Integer.toString(outcome.mistakes()),
              outcome.line().toString());
          results.put(name, end);
          charts.add(PlaneChart.of(name + ": " + end, data, Map.of("w x + b = 0", outcome.line())));
          if (outcome.end() == Perceptron.End.NOT_SEPARABLE) {
            reasons.append(
                ("%s: after epoch %d the weights are those of epoch %d again, so the rule goes round"
                        + " for ever: no line parts the observations.%n")
                    .formatted(name, outcome.epochs(), outcome.epochs() - outcome.period()));
          }
        });
    return new Shown(table + reasons.toString(), results, Optional.of(new Figure(charts)));
  }
}
