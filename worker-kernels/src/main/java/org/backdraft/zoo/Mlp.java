package org.backdraft.zoo;

import java.util.List;
import java.util.Map;
import org.backdraft.kernel.PointwiseFunction;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.nn.NetworkBuilder;
import org.backdraft.tensor.Shape;

/**
 * A multi-layer perceptron, with two hidden layers of 512 rectified units unless its settings say
 * otherwise; flattens images. Settings: {@code hidden}, the units of each hidden layer with dashes
 * between them, or {@code none}; {@code activation} behind each of them, {@code none} for a stack
 * of linear layers.
 */
final class Mlp {
  private static final String HIDDEN = "hidden";
  private static final String ACTIVATION = "activation";

  static final Map<String, String> SETTINGS = Map.of(HIDDEN, "512-512", ACTIVATION, "relu");

  private static final Map<String, PointwiseFunction> ACTIVATIONS =
      Map.of(
          "relu", PointwiseFunction.RELU,
          "tanh", PointwiseFunction.TANH,
          "logistic", PointwiseFunction.LOGISTIC,
          "gelu", PointwiseFunction.GELU,
          "step", PointwiseFunction.STEP);
  private static final String NONE = "none";

  private Mlp() {}

  static Network network(Shape input, int classes, ModelOptions options) {
    String activation =
        options.word(ACTIVATION, List.of("relu", "tanh", "logistic", "gelu", "step", NONE));
    NetworkBuilder builder = Network.named("mlp", input).add("flatten", new Flatten());
    int number = 1;
    for (int units : options.sizes(HIDDEN)) {
      builder.add("fc" + number, Linear.of(units));
      if (!activation.equals(NONE)) {
        builder.add(activation + number, Activation.of(ACTIVATIONS.get(activation)));
      }
      number++;
    }
    return builder.add("fc" + number, Linear.of(classes)).build();
  }

  /**
   * One linear layer, whose softmax is multinomial logistic regression; {@code mlp:hidden=none} by
   * its own name.
   */
  static Network linear(Shape input, int classes, ModelOptions options) {
    return Network.named("softmax-regression", input)
        .add("flatten", new Flatten())
        .add("fc", Linear.of(classes))
        .build();
  }
}
