package org.backdraft.tensor;

import java.io.Serializable;

/**
 * A named array of a network: a learned parameter, or a buffer such as a running mean.
 *
 * @param name unique in the network, torchvision's where the network exists there: {@code
 *     conv1.weight}
 * @param shape logical: {@code (out, in, h, w)}, {@code (out, in)} or {@code (channels)}
 * @param role what the array is, which decides how it is initialised
 * @param fanIn inputs per unit, times the receptive field for a convolution; 0 where it means
 *     nothing
 * @param fanOut outputs per unit, times the receptive field for a convolution; 0 likewise
 */
public record ParameterSpec(String name, Shape shape, Role role, int fanIn, int fanOut)
    implements Serializable {
  /** What an array is for. */
  public enum Role {
    /** Initialised by the network's {@code Initializer}. */
    WEIGHT,
    /**
     * A table {@code (rows, width)} of which an example uses some rows alone, so that most of a
     * step's gradient is 0; initialised and updated as a weight.
     */
    EMBEDDING,
    /** Starts at 0. */
    BIAS,
    /** The factor of a normalisation; starts at 1. */
    SCALE,
    /** The summand of a normalisation; starts at 0. */
    SHIFT,
    /** A buffer; starts at 0. */
    RUNNING_MEAN,
    /** A buffer; starts at 1. */
    RUNNING_VARIANCE;

    /** Whether it is one of the factors of inputs: what weight decay and trust ratios are for. */
    public boolean isWeight() {
      return this == WEIGHT || this == EMBEDDING;
    }
  }
}
