package org.backdraft.optim;

import org.backdraft.tensor.Checks;

/** Checks of an optimiser's settings; messages name the configuration key. */
final class Ranges {
  private Ranges() {}

  static void atLeastZero(String key, float value) {
    Checks.argument(
        value >= 0 && Float.isFinite(value), "%s must be at least 0: got %s.", key, value);
  }

  static void aboveZero(String key, float value) {
    Checks.argument(value > 0 && Float.isFinite(value), "%s must be above 0: got %s.", key, value);
  }

  static void belowOne(String key, float value) {
    Checks.argument(value >= 0 && value < 1, "%s must be in [0, 1): got %s.", key, value);
  }
}
