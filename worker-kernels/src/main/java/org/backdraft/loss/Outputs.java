package org.backdraft.loss;

import org.backdraft.tensor.Checks;
import org.backdraft.tensor.Shape;

/** Checks of what a network gives to its loss. */
final class Outputs {
  private Outputs() {}

  static void requireVector(String loss, String network, Shape output) {
    Checks.argument(
        output.elements() == output.dim(0),
        "The output of '%s' must be a vector (classes) for the loss %s: got %s. Add a flatten and a"
            + " linear layer, or use softmax-cross-entropy with a label for each pixel.",
        network,
        loss,
        output);
  }
}
