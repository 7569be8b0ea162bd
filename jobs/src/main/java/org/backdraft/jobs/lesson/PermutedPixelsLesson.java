package org.backdraft.jobs.lesson;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.backdraft.data.EpochOrder;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.Split;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.optim.Adam;

/**
 * Why not a multi-layer perceptron for images? Its first layer treats every pixel alike, wherever
 * it is: an order of the pixels that nobody could read suits it as well as the right one. A network
 * of convolutions needs neighbours to be neighbours.
 */
final class PermutedPixelsLesson implements Lesson {
  private static final String DATA = "digits:train=2000,val=1000";
  private static final int EPOCHS = 6;
  private static final double RATE = 0.002;
  private static final long SEED = 1;

  /**
   * Differences up to here, as a share of the images, are those of another start of the weights.
   */
  private static final double ALIKE = 0.04;

  private static Map<String, String> models() {
    Map<String, String> models = new LinkedHashMap<>();
    models.put("mlp", "mlp:hidden=128");
    models.put("lenet5", "lenet5");
    return models;
  }

  @Override
  public Shown show() {
    RecordBlock training = GeneratedDigits.block(DATA, Split.TRAIN);
    RecordBlock validation = GeneratedDigits.block(DATA, Split.VALIDATION);
    int pixels = training.offsets()[1];
    List<int[]> orders =
        List.of(EpochOrder.of(SEED, 0, pixels, false), EpochOrder.of(SEED, 0, pixels, true));
    TextTable table = new TextTable("network", ">as they are", ">permuted", "pixels permuted");
    Map<String, Object> results = new LinkedHashMap<>();
    models()
        .forEach(
            (name, model) -> {
              double[] right =
                  orders.stream()
                      .mapToDouble(order -> accuracy(model, order, training, validation))
                      .toArray();
              String verdict = verdict(right[0], right[1]);
              table.row(name, percent(right[0]), percent(right[1]), verdict);
              results.put(name, verdict);
              results.put(name + "_accuracy", right[0]);
              results.put(name + "_permuted_accuracy", right[1]);
            });
    return new Shown(
        "Digits that were never seen and are told, after "
            + EPOCHS
            + " epochs of "
            + training.size()
            + ", as images and with\ntheir pixels in another order, the same for all:\n"
            + table
            + "To a perceptron's layer all orders of its inputs are the same. Convolutions live on\n"
            + "neighbours that belong together, which is what makes them better at images.\n",
        results);
  }

  private static double accuracy(
      String model, int[] order, RecordBlock training, RecordBlock validation) {
    try (ImageTraining run = new ImageTraining(model, order, Adam.standard(), SEED)) {
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        run.epoch(training, epoch, step -> RATE);
      }
      return run.measure(validation).accuracy();
    }
  }

  private static String verdict(double inOrder, double permuted) {
    return Math.abs(inOrder - permuted) <= ALIKE
        ? "no matter"
        : permuted < inOrder ? "worse" : "better";
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f%%", 100 * share);
  }
}
