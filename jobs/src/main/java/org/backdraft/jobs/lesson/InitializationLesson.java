package org.backdraft.jobs.lesson;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.backdraft.init.Initializer;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;
import org.backdraft.nn.Activation;

/** What becomes of a signal on its way through many layers, by the scale of the weights. */
final class InitializationLesson implements Lesson {
  private static final int[] DEPTHS = {1, 5, 20, 50};

  /** Weights of that deviation, 100 times that of the rule "normal". */
  private static final float LARGE = 100;

  /** A rule, the factor of its weights, and what stands behind each layer. */
  private record Start(Initializer rule, float factor, Activation activation) {
    Start(Initializer rule, float factor) {
      this(rule, factor, Activation.relu());
    }
  }

  private static Map<String, Start> starts() {
    Map<String, Start> starts = new LinkedHashMap<>();
    starts.put("zero", new Start(Initializer.ZERO, 1));
    starts.put("small", new Start(Initializer.NORMAL, 1));
    starts.put("large", new Start(Initializer.NORMAL, LARGE));
    starts.put("xavier", new Start(Initializer.XAVIER, 1));
    starts.put("he", new Start(Initializer.HE, 1));
    starts.put("xavier_tanh", new Start(Initializer.XAVIER, 1, Activation.tanh()));
    return starts;
  }

  @Override
  public Shown show() {
    List<String> header = new ArrayList<>(List.of("start"));
    for (int depth : DEPTHS) {
      header.add(">" + depth + " layers");
    }
    header.add("verdict");
    TextTable table = new TextTable(header.toArray(String[]::new));
    Map<String, Object> results = new LinkedHashMap<>();
    LineChart chart = new LineChart("Scale of the output", "layers", "scale", true, true);
    double[] depths = Arrays.stream(DEPTHS).asDoubleStream().toArray();
    starts()
        .forEach(
            (name, start) -> {
              List<String> cells = new ArrayList<>(List.of(name));
              double[] scales = new double[DEPTHS.length];
              for (int i = 0; i < scales.length; i++) {
                scales[i] = scale(start, DEPTHS[i]);
                cells.add(String.format(Locale.ROOT, "%.1e", scales[i]));
              }
              chart.line(name, depths, scales);
              String verdict = verdict(scales[0], scales[scales.length - 1]);
              cells.add(verdict);
              table.row(cells.toArray(String[]::new));
              results.put(name, verdict);
            });
    return new Shown(
        "Scale of the output behind layers of 64 rectified units, for inputs of scale 1; in the last\n"
            + "line behind as many of tanh:\n"
            + table
            + "Zero weights give no signal, and gradients of 0 with it: nothing is ever learned. Weights\n"
            + "of deviation 0.01 let the signal fade, of deviation 1 let it grow past every number that\n"
            + "a float holds. He's deviation, the root of 2 / inputs, keeps it; Xavier's loses half of its\n"
            + "square at every rectifier, and is made for tanh.\n",
        results,
        Optional.of(new Figure(List.of(chart))));
  }

  private static double scale(Start start, int depth) {
    try (DeepStack stack = new DeepStack(depth, start.activation())) {
      stack.initialize(start.rule(), start.factor()).run();
      return stack.outputScale();
    }
  }

  private static String verdict(double first, double last) {
    if (first == 0) {
      return "no signal";
    }
    if (!Double.isFinite(last)) {
      return "overflow";
    }
    return last < 1e-3 ? "fades" : last > 1e3 ? "explodes" : "keeps";
  }
}
