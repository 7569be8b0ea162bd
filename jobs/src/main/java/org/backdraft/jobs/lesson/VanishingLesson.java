package org.backdraft.jobs.lesson;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.backdraft.init.Initializer;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;
import org.backdraft.nn.Activation;

/** How much of the gradient reaches the first of many layers, by activation. */
final class VanishingLesson implements Lesson {
  private static final int DEPTH = 20;

  /** An activation with the initialization that was made for it. */
  private record Case(Activation activation, Initializer initializer) {}

  private static Map<String, Case> cases() {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put("logistic", new Case(Activation.logistic(1), Initializer.XAVIER));
    cases.put("tanh", new Case(Activation.tanh(), Initializer.XAVIER));
    cases.put("relu", new Case(Activation.relu(), Initializer.HE));
    cases.put("gelu", new Case(Activation.gelu(), Initializer.HE));
    cases.put("none", new Case(null, Initializer.XAVIER));
    return cases;
  }

  @Override
  public Shown show() {
    TextTable table =
        new TextTable(
            "activation", "start", ">layer 1", ">layer 5", ">layer 10", ">layer 15", ">layer 20");
    Map<String, Object> results = new LinkedHashMap<>();
    LineChart chart =
        new LineChart("Norm of the gradient", "layer", "of a layer's weights", false, true);
    double[] layers = IntStream.rangeClosed(1, DEPTH).asDoubleStream().toArray();
    cases()
        .forEach(
            (name, each) -> {
              try (DeepStack stack = new DeepStack(DEPTH, each.activation())) {
                stack.initialize(each.initializer(), 1).run();
                table.row(
                    name,
                    each.initializer().configName(),
                    norm(stack, 1),
                    norm(stack, 5),
                    norm(stack, 10),
                    norm(stack, 15),
                    norm(stack, DEPTH));
                chart.line(
                    name,
                    layers,
                    Arrays.stream(layers)
                        .map(layer -> stack.gradientNorm("fc" + (int) layer))
                        .toArray());
                double share = stack.gradientNorm("fc1") / stack.gradientNorm("fc" + DEPTH);
                results.put(name, share < 1e-6 ? "vanishes" : "arrives");
                results.put(name + "_share", share);
              }
            });
    return new Shown(
        "Norm of the gradient of a layer's weights, in a stack of 20 layers of 64 units:\n"
            + table
            + "The derivative of the logistic function is at most 1/4: behind twenty of them hardly\n"
            + "anything of the gradient is left. tanh and ReLU let it through.\n",
        results,
        Optional.of(new Figure(List.of(chart))));
  }

  private static String norm(DeepStack stack, int layer) {
    return String.format(Locale.ROOT, "%.1e", stack.gradientNorm("fc" + layer));
  }
}
