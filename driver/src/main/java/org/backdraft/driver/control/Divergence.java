package org.backdraft.driver.control;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.backdraft.tensor.Checks;

/**
 * What one rank knows of a step that has diverged; all ranks report the same step.
 *
 * @param reason why the step counts as diverged, the same on all ranks
 * @param layer place in the network of the first layer whose output on this rank is not finite, −1
 *     where all are
 * @param gradientLayer place of the last layer, the first one of a backward pass, whose gradient is
 *     not finite as far as this rank has it; −1 for none
 * @param examples ids of examples of this rank whose loss is not finite, at most {@link
 *     #MOST_EXAMPLES}
 * @param detail a clause for people, or empty
 */
public record Divergence(
    Reason reason, int layer, int gradientLayer, List<Long> examples, String detail) {
  /** As many ids are told. */
  public static final int MOST_EXAMPLES = 8;

  /** Of a failure that is something else. */
  public static final Divergence NONE = new Divergence(Reason.LOSS, -1, -1, List.of(), "");

  /** Why a step counts as diverged. */
  public enum Reason {
    /** Its loss is not finite. */
    LOSS(1),
    /** Its loss is finite, its gradient or its statistics are not. */
    GRADIENT(2),
    /** Its loss is larger than is allowed. */
    LIMIT(3);

    private final int code;

    Reason(int code) {
      this.code = code;
    }

    private static Reason of(int code) {
      for (Reason reason : values()) {
        if (reason.code == code) {
          return reason;
        }
      }
      throw new AssertionError("The reader has checked the range: " + code);
    }
  }

  public Divergence {
    examples = List.copyOf(examples.subList(0, Math.min(MOST_EXAMPLES, examples.size())));
    Checks.argument(detail != null, "A detail must be a text, or empty.");
  }

  /** The same, with something more for people. */
  public Divergence because(String clause) {
    return new Divergence(reason, layer, gradientLayer, examples, clause);
  }

  void put(PayloadWriter out) {
    PayloadWriter unused =
        out.putInt(reason.code)
            .putInt(layer)
            .putInt(gradientLayer)
            .putLongs(examples.stream().mapToLong(Long::longValue).toArray())
            .putText(detail);
  }

  static Divergence read(PayloadReader in) throws IOException {
    Reason reason = Reason.of(in.readInt("reason", 1, Reason.values().length));
    int layer = in.readInt();
    int gradientLayer = in.readInt();
    List<Long> examples = Arrays.stream(in.readLongs()).boxed().toList();
    return new Divergence(reason, layer, gradientLayer, examples, in.readText());
  }
}
