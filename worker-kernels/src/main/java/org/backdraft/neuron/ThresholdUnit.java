package org.backdraft.neuron;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.backdraft.tensor.Checks;

/**
 * The neuron of McCulloch and Pitts 1943, <em>A logical calculus of the ideas immanent in nervous
 * activity</em>: its output is 1 when at least θ of its inputs are 1 and no inhibitory one is; it
 * learns nothing. Immutable.
 *
 * @param inputs how many, at least 1
 * @param inhibitory the inputs, counted from 0, of which one alone that is 1 keeps the output at 0;
 *     they do not count towards the threshold
 * @param threshold θ, of any sign
 */
public record ThresholdUnit(int inputs, Set<Integer> inhibitory, int threshold) {
  private static final int MOST_INPUTS = 16;

  public ThresholdUnit {
    Checks.argument(
        inputs >= 1 && inputs <= MOST_INPUTS,
        "A threshold unit must have 1 to %d inputs: got %d.",
        MOST_INPUTS,
        inputs);
    inhibitory = Set.copyOf(inhibitory);
    for (int each : inhibitory) {
      Checks.argument(
          each >= 0 && each < inputs,
          "An inhibitory input must be one of the %d: got number %d.",
          inputs,
          each);
    }
  }

  /** 1 when all of n inputs are. */
  public static ThresholdUnit and(int inputs) {
    return new ThresholdUnit(inputs, Set.of(), inputs);
  }

  /** 1 when any of n inputs is. */
  public static ThresholdUnit or(int inputs) {
    return new ThresholdUnit(inputs, Set.of(), 1);
  }

  /** 1 when its only input, an inhibitory one, is 0. */
  public static ThresholdUnit not() {
    return new ThresholdUnit(1, Set.of(0), 0);
  }

  /** x1 AND NOT x2. */
  public static ThresholdUnit andNot() {
    return new ThresholdUnit(2, Set.of(1), 1);
  }

  /**
   * The output.
   *
   * @param x as many as {@link #inputs}, each 0 or 1
   */
  public int output(int... x) {
    Checks.argument(x.length == inputs, "There must be %d inputs: got %d.", inputs, x.length);
    int sum = 0;
    for (int i = 0; i < inputs; i++) {
      Checks.argument(x[i] == 0 || x[i] == 1, "An input must be 0 or 1: x%d is %d.", i + 1, x[i]);
      if (inhibitory.contains(i)) {
        if (x[i] == 1) {
          return 0;
        }
      } else {
        sum += x[i];
      }
    }
    return sum >= threshold ? 1 : 0;
  }

  /** All combinations of inputs, the first input changing slowest, each with its output behind. */
  public List<int[]> truthTable() {
    List<int[]> rows = new ArrayList<>();
    for (int bits = 0; bits < 1 << inputs; bits++) {
      int[] row = new int[inputs + 1];
      for (int i = 0; i < inputs; i++) {
        row[i] = bits >> (inputs - 1 - i) & 1;
      }
      row[inputs] = output(java.util.Arrays.copyOf(row, inputs));
      rows.add(row);
    }
    return rows;
  }

  /** The line, plane … that parts the inputs: {@code x1 + x2 >= 2}. */
  public String boundary() {
    List<String> terms = new ArrayList<>();
    List<String> quiet = new ArrayList<>();
    for (int i = 0; i < inputs; i++) {
      (inhibitory.contains(i) ? quiet : terms).add("x" + (i + 1));
    }
    String sum = terms.isEmpty() ? "0" : String.join(" + ", terms);
    String condition = String.format(Locale.ROOT, "%s >= %d", sum, threshold);
    return quiet.isEmpty() ? condition : condition + " and " + String.join(" = ", quiet) + " = 0";
  }
}
