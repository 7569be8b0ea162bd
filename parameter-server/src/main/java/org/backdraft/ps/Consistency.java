package org.backdraft.ps;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.backdraft.tensor.Checks;

/**
 * How far workers may drift apart. A worker's clock is the number of steps that it has completed.
 *
 * @param mode the kind
 * @param staleness by how many steps a worker may be ahead of the slowest one; of {@code SSP}
 *     alone, 0 with the others
 */
public record Consistency(Mode mode, int staleness) implements Serializable {
  /** The kinds, from the strictest. */
  public enum Mode {
    /**
     * Bulk synchronous: a step's gradients of all workers are summed in the order of the leaf tree,
     * then applied once. The bits are those of an all-reduce.
     */
    BSP,
    /**
     * Stale synchronous (Ho et al. 2013, <em>More effective distributed ML via a stale synchronous
     * parallel parameter server</em>): each worker's gradients are applied as they come; a worker
     * waits while it is more than {@code staleness} steps ahead of the slowest.
     */
    SSP,
    /** As SSP, without waiting. */
    ASYNC
  }

  private static final Pattern SSP = Pattern.compile("ssp:(\\d{1,6})");

  public Consistency {
    Checks.argument(
        mode == Mode.SSP ? staleness >= 0 : staleness == 0,
        "A staleness must be >= 0 with SSP and 0 otherwise: got %d with %s.",
        staleness,
        mode);
  }

  /**
   * From configuration: {@code bsp}, {@code ssp:3}, {@code async}.
   *
   * @throws IllegalArgumentException if the text is none of them
   */
  public static Consistency parse(String text) {
    Matcher ssp = SSP.matcher(text);
    if (ssp.matches()) {
      return new Consistency(Mode.SSP, Integer.parseInt(ssp.group(1)));
    }
    return switch (text) {
      case "bsp" -> new Consistency(Mode.BSP, 0);
      case "async" -> new Consistency(Mode.ASYNC, 0);
      default ->
          throw new IllegalArgumentException(
              "sync.consistency must be bsp, ssp:STEPS or async: got '%s'.".formatted(text));
    };
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return switch (mode) {
      case BSP -> "bsp";
      case SSP -> "ssp:" + staleness;
      case ASYNC -> "async";
    };
  }
}
