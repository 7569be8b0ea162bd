package org.backdraft.plan;

import java.util.OptionalInt;
import java.util.Random;
import org.backdraft.nn.Network;

/** Numbers that a network takes as its input: values in [−2, 2), or indices. */
final class RandomInputs {
  private final OptionalInt rows;

  RandomInputs(Network network) {
    rows = network.inputRows();
  }

  float next(Random random) {
    return rows.isPresent() ? random.nextInt(rows.getAsInt()) : 4 * random.nextFloat() - 2;
  }
}
