package org.backdraft.plan;

import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.backdraft.nn.Slot;
import org.backdraft.tensor.ActivationLayout;

/**
 * Finds the first layer whose output is not finite, and the examples whose loss is not, also of a
 * pass whose outputs are gone.
 */
final class NonFiniteLayers {
  private static final int NONE = Integer.MAX_VALUE;

  private final Plan plan;
  private final List<Slot> outputs;
  private final ReplicaPass pass;
  private final Set<Long> examples = new TreeSet<>();
  private int remembered = NONE;

  NonFiniteLayers(Plan plan, ReplicaPass pass) {
    this.plan = plan;
    outputs = plan.outputs();
    this.pass = pass;
  }

  /** Forgets the passes before. */
  void forget() {
    remembered = NONE;
    examples.clear();
  }

  /** Keeps in mind what the last pass has found before the next one overwrites its outputs. */
  void remember() {
    remembered = Math.min(remembered, search());
    addExamples();
  }

  /** The first layer whose output held a NaN or an infinity in a pass since {@link #forget}. */
  OptionalInt first() {
    int first = Math.min(remembered, search());
    return first == NONE ? OptionalInt.empty() : OptionalInt.of(first);
  }

  /** Ids of examples whose loss was NaN or infinite in a pass since {@link #forget}. */
  Set<Long> examples() {
    addExamples();
    return examples;
  }

  private void addExamples() {
    for (int e = 0; e < pass.examples(); e++) {
      if (!Float.isFinite(pass.losses()[e])) {
        examples.add(pass.exampleId(e));
      }
    }
  }

  private int search() {
    for (int i = 0; i < outputs.size(); i++) {
      boolean isThere = pass.training() || plan.evaluation().nodes().get(i);
      if (isThere && !isFinite(outputs.get(i))) {
        return i;
      }
    }
    return NONE;
  }

  private boolean isFinite(Slot slot) {
    float[] values = pass.array(slot);
    ActivationLayout layout = slot.layout();
    for (int e = 0; e < pass.examples(); e++) {
      for (int pixel = 0; pixel < layout.pixels(); pixel++) {
        int base = slot.base(e) + pixel * layout.pitch();
        for (int c = 0; c < layout.channels(); c++) {
          if (!Float.isFinite(values[base + c])) {
            return false;
          }
        }
      }
    }
    return true;
  }
}
