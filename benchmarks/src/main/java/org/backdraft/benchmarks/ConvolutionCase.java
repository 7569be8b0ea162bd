package org.backdraft.benchmarks;

import org.backdraft.nn.Conv2d;
import org.backdraft.tensor.Shape;

/** Convolutions of real networks, one of each kind, and one whose sizes fit nothing. */
@SuppressWarnings("ImmutableEnumChecker") // Shapes and layers are values, without an annotation.
public enum ConvolutionCase {
  /** ResNet-20's first stage. */
  K3_16_16_AT_32(Shape.of(16, 32, 32), Conv2d.of(16, 3).padding(1), 128),
  /** ResNet-18's first stage. */
  K3_64_64_AT_56(Shape.of(64, 56, 56), Conv2d.of(64, 3).padding(1), 32),
  /** ResNet-18's third stage. */
  K3_256_256_AT_14(Shape.of(256, 14, 14), Conv2d.of(256, 3).padding(1), 32),
  /** The widening convolution of ResNet-50's first bottleneck. */
  K1_64_256_AT_56(Shape.of(64, 56, 56), Conv2d.of(256, 1), 32),
  /** ResNet's first layer. */
  K7_3_64_AT_224(Shape.of(3, 224, 224), Conv2d.of(64, 7).stride(2).padding(3), 16),
  /** ResNet-18's step from the first stage to the second. */
  K3_64_128_AT_56_BY_2(Shape.of(64, 56, 56), Conv2d.of(128, 3).stride(2).padding(1), 32),
  /** LeNet's second convolution. */
  K5_6_16_AT_14(Shape.of(6, 14, 14), Conv2d.of(16, 5), 64),
  /** No size is a multiple of anything. */
  K3_37_53_AT_29(Shape.of(37, 29, 29), Conv2d.of(53, 3).padding(1), 31);

  private final Shape input;
  private final Conv2d layer;
  private final int examples;

  ConvolutionCase(Shape input, Conv2d layer, int examples) {
    this.input = input;
    this.layer = layer.withoutBias();
    this.examples = examples;
  }

  Shape input() {
    return input;
  }

  Conv2d layer() {
    return layer;
  }

  /**
   * The layer, with memory.
   *
   * @param first whether no gradient of the input is wanted
   */
  SingleLayer create(int threads, boolean first) {
    return new SingleLayer(new SingleLayer.Request(layer, input, examples, threads, first));
  }

  /** Whether it stands at the input of its network. */
  boolean isFirst() {
    return this == K7_3_64_AT_224;
  }
}
