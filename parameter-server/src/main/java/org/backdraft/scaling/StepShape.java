package org.backdraft.scaling;

import java.util.List;
import org.backdraft.comm.BlockBorders;
import org.backdraft.tensor.Checks;

/**
 * What a step exchanges and when it could, the same for all ranks.
 *
 * @param buckets in the order of their exchange
 * @param borders where owners' parts of a bucket may begin and end
 * @param parameters elements of all buckets together, which lie in [0, parameters)
 * @param tail elements that are summed to all ranks after the buckets: statistics and loss
 */
public record StepShape(List<Bucket> buckets, BlockBorders borders, int parameters, int tail) {
  /**
   * A bucket of gradients {@code [begin, end)}.
   *
   * @param neededFraction how much of forward and backward pass is over when the forward pass reads
   *     its parameters, in [0, 1]
   * @param readyFraction how much of forward and backward pass is over when its sums are final, in
   *     [0, 1]
   */
  public record Bucket(int begin, int end, double neededFraction, double readyFraction) {
    public Bucket {
      Checks.argument(
          begin >= 0 && begin < end, "A bucket must hold elements: got [%d, %d).", begin, end);
      Checks.argument(
          0 <= neededFraction && neededFraction <= readyFraction && readyFraction <= 1,
          "A bucket is needed, then becomes final within the passes, at fractions in [0, 1]: got %s"
              + " and %s.",
          neededFraction,
          readyFraction);
    }
  }

  public StepShape {
    buckets = List.copyOf(buckets);
    Checks.argument(tail >= 1, "A step sums its loss at least: got %d elements.", tail);
    long sum = 0;
    for (Bucket each : buckets) {
      Checks.argument(
          each.end <= parameters,
          "Buckets must lie in [0, %d): got [%d, %d).",
          parameters,
          each.begin,
          each.end);
      sum += each.end - each.begin;
    }
    Checks.argument(
        sum == parameters, "Buckets must hold all %d parameters: got %d.", parameters, sum);
  }
}
