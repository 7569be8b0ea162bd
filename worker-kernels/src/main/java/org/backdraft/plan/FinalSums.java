package org.backdraft.plan;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.backdraft.nn.Operation;
import org.backdraft.nn.Scope;

/**
 * When the sums of a backward pass are final: a node's are when all of its operations have run and,
 * where they {@linkplain Operation#finishes finish}, have been finished, which the next section
 * does. Those of a node that the pass does not run are final from the start.
 *
 * @param begins for each section the first parameter whose sums, with all behind it, are final
 *     after it
 * @param unfinished operations that no section finishes
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record FinalSums(int[] begins, List<Operation> unfinished) {
  /**
   * @param sections of the backward pass
   * @param parameterBegins the first parameter of each node, then the number of parameters
   * @param operations of each node
   */
  static FinalSums of(
      List<Schedule.Section> sections, int[] parameterBegins, List<List<Operation>> operations) {
    return new FinalSums(
        begins(finalAfter(sections, operations), sections.size(), parameterBegins),
        unfinished(sections, operations));
  }

  private static int[] begins(int[] finalAfter, int sections, int[] parameterBegins) {
    int[] begins = new int[sections];
    int node = finalAfter.length;
    for (int section = 0; section < sections; section++) {
      while (node > 0
          && (parameterBegins[node - 1] == parameterBegins[node]
              || finalAfter[node - 1] <= section)) {
        node--;
      }
      begins[section] = parameterBegins[node];
    }
    return begins;
  }

  /** The number of the section after which each node's sums are final. */
  private static int[] finalAfter(
      List<Schedule.Section> sections, List<List<Operation>> operations) {
    Map<Operation, Integer> places = new IdentityHashMap<>();
    for (int section = 0; section < sections.size(); section++) {
      for (Operation operation : sections.get(section).operations()) {
        places.put(operation, section);
      }
    }
    int[] finalAfter = new int[operations.size()];
    for (int node = 0; node < finalAfter.length; node++) {
      for (Operation operation : operations.get(node)) {
        Integer place = places.get(operation);
        if (place != null && operation.scope(true) != Scope.NOTHING) {
          int end = place + (operation.finishes() ? 1 : 0);
          finalAfter[node] = Math.max(finalAfter[node], end);
        }
      }
    }
    return finalAfter;
  }

  private static List<Operation> unfinished(
      List<Schedule.Section> sections, List<List<Operation>> operations) {
    Set<Operation> finished = Collections.newSetFromMap(new IdentityHashMap<>());
    Set<Operation> run = Collections.newSetFromMap(new IdentityHashMap<>());
    sections.forEach(section -> finished.addAll(List.of(section.finishing())));
    sections.forEach(section -> run.addAll(List.of(section.operations())));
    return operations.stream()
        .flatMap(List::stream)
        .filter(each -> each.finishes() && run.contains(each) && !finished.contains(each))
        .toList();
  }
}
