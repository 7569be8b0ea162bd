package org.backdraft.zoo;

import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Layer;
import org.backdraft.nn.Linear;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.Network;
import org.backdraft.nn.ShapeException;
import org.backdraft.tensor.Shape;

/**
 * LeNet-5 as lectures draw it: convolutions with 6 and 16 filters of 5×5, each followed by 2×2
 * pooling, then 120, 84 and 10 units; 61 706 parameters for one input channel. Images of 28×28 are
 * padded to 32×32 by the first convolution.
 *
 * <p>Parameters by layer: 156, 2416, 48 120, 10 164 and 850. Tables that say 2496, 10 080 and 840
 * miscount biases: {@code 16 · (6 · 25 + 1)} has one bias for each filter, not one for each filter
 * and input map, and the linear layers have biases too.
 *
 * <p>LeCun et al. 1998, <em>Gradient-based learning applied to document recognition</em>.
 * Departures of both variants: every filter of the second convolution sees all six maps, pooling
 * has no weights, and the output is a linear layer.
 */
final class LeNet {
  private LeNet() {}

  /** With ReLU and max pooling. */
  static Network modern(Shape input, int classes, ModelOptions options) {
    return network("lenet5", input, classes, options, Activation.relu(), MaxPool2d.of(2));
  }

  /** With tanh and average pooling, nearer to the paper. */
  static Network original(Shape input, int classes, ModelOptions options) {
    return network("lenet5-1998", input, classes, options, Activation.tanh(), AveragePool2d.of(2));
  }

  private static Network network(
      String name,
      Shape input,
      int classes,
      ModelOptions options,
      Layer activation,
      Layer pooling) {
    if (!input.isImage() || input.dim(1) != input.dim(2) || !isSize(input.dim(1))) {
      throw new ShapeException(
          "%s takes images of 28x28 or 32x32, (channels, 28, 28) or (channels, 32, 32): got %s."
              .formatted(name, input));
    }
    int padding = input.dim(1) == 28 ? 2 : 0;
    return Network.named(name, input)
        .add("conv1", Conv2d.of(options.channels(6), 5).padding(padding))
        .add(activation.type() + "1", activation)
        .add("pool1", pooling)
        .add("conv2", Conv2d.of(options.channels(16), 5))
        .add(activation.type() + "2", activation)
        .add("pool2", pooling)
        .add("flatten", new Flatten())
        .add("fc1", Linear.of(options.channels(120)))
        .add(activation.type() + "3", activation)
        .add("fc2", Linear.of(options.channels(84)))
        .add(activation.type() + "4", activation)
        .add("fc3", Linear.of(classes))
        .build();
  }

  private static boolean isSize(int size) {
    return size == 28 || size == 32;
  }
}
