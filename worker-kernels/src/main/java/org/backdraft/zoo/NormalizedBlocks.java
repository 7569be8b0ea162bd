package org.backdraft.zoo;

import org.backdraft.kernel.Window;
import org.backdraft.nn.Activation;
import org.backdraft.nn.AveragePool2d;
import org.backdraft.nn.BatchNorm2d;
import org.backdraft.nn.Concat;
import org.backdraft.nn.Conv2d;
import org.backdraft.nn.MaxPool2d;
import org.backdraft.nn.NetworkBuilder;

/**
 * What the networks of the Inception family are made of: convolutions with batch normalisation (ε =
 * 0.001) and ReLU, named {@code X.conv}, {@code X.bn} and {@code X.relu} as in torchvision, pooling
 * and concatenation. Each method adds nodes and gives the name of the last one.
 */
final class NormalizedBlocks {
  private static final float EPSILON = 1e-3f;
  private static final float MOMENTUM = 0.1f;

  private final NetworkBuilder builder;
  private final ModelOptions options;

  NormalizedBlocks(NetworkBuilder builder, ModelOptions options) {
    this.builder = builder;
    this.options = options;
  }

  /** A square convolution that keeps height and width at stride 1. */
  String convolution(String name, String input, int channels, int kernel) {
    return convolution(name, input, channels, Window.square(kernel, 1, kernel / 2));
  }

  /**
   * @param channels of the published network
   */
  String convolution(String name, String input, int channels, Window window) {
    builder
        .add(name + ".conv", new Conv2d(options.channels(channels), window, false), input)
        .add(name + ".bn", new BatchNorm2d(EPSILON, MOMENTUM))
        .add(name + ".relu", Activation.relu());
    return name + ".relu";
  }

  String maxPool(String name, String input, Window window, boolean ceil) {
    builder.add(name, new MaxPool2d(window, ceil), input);
    return name;
  }

  /** The mean of 3×3 pixels around each. */
  String smooth(String name, String input) {
    builder.add(name, new AveragePool2d(Window.square(3, 1, 1)), input);
    return name;
  }

  String concat(String name, String... inputs) {
    builder.add(name, new Concat(), inputs);
    return name;
  }
}
