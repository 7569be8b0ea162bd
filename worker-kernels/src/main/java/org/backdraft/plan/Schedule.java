package org.backdraft.plan;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Scope;

/**
 * Orders the operations of one direction of a pass into sections: all threads of a team finish one
 * before the next one starts, and nobody waits inside of it.
 */
final class Schedule {
  /**
   * As many floats of the largest output as should stay in a core's cache until the next operation
   * of the section reads them: 1 MiB.
   */
  private static final int CACHED_FLOATS = 1 << 18;

  /**
   * Operations that run without waiting.
   *
   * @param examplesAtOnce a thread runs all of them for so many of its examples, then for the next
   *     ones; {@link Integer#MAX_VALUE} where there is nothing to gain
   * @param finishing operations of the section before, in a backward pass, which each thread
   *     finishes first: that needs what all threads have left, and is not worth waiting once more
   * @param batchSums floats to be added over the global batch when the section is done, in
   *     training; mostly 0
   */
  @SuppressWarnings(
      "ArrayRecordComponent") // Never compared; nothing is allocated to go through it.
  record Section(Operation[] operations, int examplesAtOnce, Operation[] finishing, int batchSums) {
    Section(
        List<Operation> operations, int examplesAtOnce, List<Operation> finishing, int batchSums) {
      this(
          operations.toArray(Operation[]::new),
          examplesAtOnce,
          finishing.toArray(Operation[]::new),
          batchSums);
    }

    /** All of the operations, one after the other, with nothing to finish. */
    static Section of(List<Operation> operations) {
      return new Section(operations, Integer.MAX_VALUE, List.of(), 0);
    }

    /** Some of the operations, the last one among them where there is something to be added. */
    Section with(List<Operation> some) {
      boolean isLast = some.get(some.size() - 1) == operations[operations.length - 1];
      return new Section(some, examplesAtOnce, List.of(finishing), isLast ? batchSums : 0);
    }
  }

  private final boolean backward;
  private final List<Section> sections = new ArrayList<>();
  private final List<Operation> open = new ArrayList<>();
  private List<Operation> unfinished = List.of();
  private int largest = 1;
  private final List<Operation> sums = new ArrayList<>();
  private boolean sumsAreDue;
  private int batchSums;

  /**
   * @param backward the direction of the pass
   */
  Schedule(boolean backward) {
    this.backward = backward;
  }

  /**
   * Adds an operation behind the last one.
   *
   * @param exampleFloats of its output, for one example
   */
  void add(Operation operation, int exampleFloats) {
    Scope scope = operation.scope(backward);
    if (sumsAreDue && scope != Scope.SUMS && scope != Scope.NOTHING) {
      close();
    }
    switch (scope) {
      case NOTHING -> {}
      case EXAMPLES -> {
        open.add(operation);
        largest = Math.max(largest, exampleFloats);
      }
      case SUMS -> sums.add(operation);
      case BATCH -> {
        sums.add(operation);
        batchSums = operation.batchSums(backward);
        close();
      }
    }
  }

  /** Has all sums added before anything else than sums that is added from here on runs. */
  void addSums() {
    sumsAreDue = !sums.isEmpty();
  }

  /** Ends the open section, and runs what must wait for it. */
  private void close() {
    if (!open.isEmpty()) {
      int cached = Math.max(1, CACHED_FLOATS / largest);
      put(open, open.size() > 1 ? cached : Integer.MAX_VALUE, 0);
      open.clear();
      largest = 1;
    }
    if (!sums.isEmpty()) {
      put(sums, Integer.MAX_VALUE, batchSums);
      sums.clear();
      batchSums = 0;
    }
    sumsAreDue = false;
  }

  private void put(List<Operation> operations, int examplesAtOnce, int batchSums) {
    sections.add(new Section(operations, examplesAtOnce, unfinished, batchSums));
    unfinished = backward ? operations.stream().filter(Operation::finishes).toList() : List.of();
  }

  /** All sections; nothing may be added any more. */
  List<Section> sections() {
    close();
    return List.copyOf(sections);
  }
}
