package org.backdraft.driver.selection;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a validation has measured.
 *
 * @param loss the mean over the set
 * @param accuracy in [0, 1]; 0 where there are no classes
 * @param metrics what else was measured, by name, in the order in which it is shown
 */
public record ValidationScores(double loss, double accuracy, Map<String, Double> metrics) {
  public ValidationScores {
    metrics = Collections.unmodifiableMap(new LinkedHashMap<>(metrics));
  }
}
