package org.backdraft.jobs.lesson;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.neuron.LogisticNeuron;
import org.backdraft.neuron.Observations;

/**
 * The lecture's exercise on one logistic neuron: the update by each observation from the same
 * start, and what becomes of the neuron in the long run.
 */
final class ExerciseLesson implements Lesson {
  private static final double RATE = 0.1;
  private static final int MOST_EPOCHS = 100_000;

  @Override
  public Shown show() {
    Map<String, Object> results = new LinkedHashMap<>();
    return new Shown(
        "Q1: one step with rate 0.1 from w1 = 0.1, w2 = -0.2, b = 0.2, for each observation\n"
            + updates(results)
            + "\nQ2: y = x1 is separable. The cost falls towards 0, which it would reach with weights\n"
            + "    of infinite length only: the neuron does not converge, its answers do.\n"
            + longRun(results),
        results);
  }

  private static TextTable updates(Map<String, Object> results) {
    Observations data = Observations.exercise();
    TextTable table = new TextTable("m", "x1", "x2", "y", ">output", ">cost", ">w1", ">w2", ">b");
    for (int j = 0; j < data.size(); j++) {
      double[] x = data.inputs().get(j);
      int target = data.targets().get(j);
      LogisticNeuron neuron = LogisticNeuron.exercise();
      double output = neuron.output(x);
      double cost = neuron.cost(x, target);
      neuron.learn(x, target, RATE);
      String w1 = six(neuron.line().weights().get(0));
      String w2 = six(neuron.line().weights().get(1));
      String bias = six(neuron.line().bias());
      table.row(
          Integer.toString(j + 1),
          Integer.toString((int) x[0]),
          Integer.toString((int) x[1]),
          Integer.toString(target),
          six(output),
          six(cost),
          w1,
          w2,
          bias);
      results.put("observation_" + (j + 1), String.join(" ", w1, w2, bias));
    }
    return table;
  }

  private static TextTable longRun(Map<String, Object> results) {
    Observations data = Observations.exercise();
    LogisticNeuron neuron = LogisticNeuron.exercise();
    TextTable table = new TextTable(">epochs", ">mean cost", ">length of w", ">mistakes");
    int next = 0;
    for (int epoch = 0; epoch <= MOST_EPOCHS; epoch++) {
      if (epoch == next) {
        table.row(
            Integer.toString(epoch),
            six(neuron.cost(data)),
            String.format(Locale.ROOT, "%.3f", length(neuron)),
            Integer.toString(neuron.line().mistakes(data)));
        next = Math.max(10, 10 * next);
      }
      neuron.learn(data, RATE);
    }
    results.put("mistakes", neuron.line().mistakes(data));
    return table;
  }

  private static double length(LogisticNeuron neuron) {
    double squares = 0;
    for (double weight : neuron.line().weights()) {
      squares += weight * weight;
    }
    return StrictMath.sqrt(squares);
  }

  private static String six(double value) {
    return String.format(Locale.ROOT, "%.6f", value);
  }
}
