package org.backdraft.driver;

import java.io.IOException;
import java.util.Optional;
import org.backdraft.baseline.LabelledExamples;
import org.backdraft.kernel.Kernels;
import org.backdraft.loss.Hinge;
import org.backdraft.loss.Loss;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;

/**
 * How stable the answers of a linear network are: the distance of the nearest training example to
 * where the network would say another class, {@code min over examples and classes j of ((w_y − w_j)
 * · x + b_y − b_j) / |w_y − w_j|}; negative where an example is on the wrong side. Hinge loss with
 * little weight decay makes it as large as it can be (Cortes and Vapnik 1995, <em>Support-vector
 * networks</em>, section 2; Krauth and Mézard 1987 call such a perceptron one of optimal
 * stability).
 *
 * @param margin in units of the network's inputs
 * @param examples that were looked at
 */
public record LinearMargin(double margin, int examples) {
  /** The most numbers of the examples that are looked at: 64 MB. */
  private static final int FLOATS = 1 << 24;

  private static final int MOST_CLASSES = 100;

  /**
   * Of a network that has learned by the hinge loss; empty where it is not linear, or has inputs of
   * several channels.
   *
   * @throws IOException if records cannot be fetched or read
   */
  static Optional<LinearMargin> of(
      Loss loss, Network network, Weights weights, Baselines.Set training, Kernels kernels)
      throws IOException {
    int features = network.input().elements();
    int classes = network.output().dim(0);
    boolean isFlat = network.input().isVector() || network.input().dim(0) == 1;
    if (!(loss instanceof Hinge) || !isFlat || classes > MOST_CLASSES || !isLinear(network)) {
      return Optional.empty();
    }
    int most = Math.min(training.source().examples(), Math.max(1, FLOATS / features));
    LabelledExamples examples =
        training
            .survey(training.source().classes().size(), most)
            .examples(training.decoder(), kernels);
    return Optional.of(
        new LinearMargin(
            least(network.parameterTable(), weights.parameters(), classes, examples),
            examples.size()));
  }

  /** Whether it is one layer with weights, and nothing that is not linear. */
  private static boolean isLinear(Network network) {
    int linear = 0;
    for (Network.Node node : network.nodes()) {
      if (node.layer() instanceof Linear) {
        linear++;
      } else if (!(node.layer() instanceof Flatten)) {
        return false;
      }
    }
    return linear == 1;
  }

  private static double least(
      ParameterTable table, float[] parameters, int classes, LabelledExamples examples) {
    int features = examples.features();
    int weights = table.entries().get(0).begin();
    int biases = table.entries().size() > 1 ? table.entries().get(1).begin() : -1;
    double least = Double.POSITIVE_INFINITY;
    for (int own = 0; own < classes; own++) {
      for (int other = 0; other < classes; other++) {
        if (other == own) {
          continue;
        }
        double[] difference = new double[features];
        double squares = 0;
        for (int i = 0; i < features; i++) {
          difference[i] =
              (double) parameters[weights + own * features + i]
                  - parameters[weights + other * features + i];
          squares += difference[i] * difference[i];
        }
        double bias =
            biases < 0 ? 0 : (double) parameters[biases + own] - parameters[biases + other];
        double sum = leastSum(difference, bias, own, examples);
        least = Math.min(least, squares == 0 ? 0 : sum / Math.sqrt(squares));
      }
    }
    return least;
  }

  /** Over the examples of a class; infinite where there are none. */
  private static double leastSum(
      double[] difference, double bias, int own, LabelledExamples examples) {
    double least = Double.POSITIVE_INFINITY;
    for (int e = 0; e < examples.size(); e++) {
      if (examples.labels()[e] == own) {
        double sum = bias;
        for (int i = 0; i < difference.length; i++) {
          sum += difference[i] * examples.inputs()[e * difference.length + i];
        }
        least = Math.min(least, sum);
      }
    }
    return least;
  }
}
