package org.backdraft.plan;

import java.util.List;
import org.backdraft.nn.Operation;

/**
 * An order of all that workers exchange during a backward pass, batch sums and sums of gradients:
 * the same on all of them, since it is a function of the network alone. When gradients are <em>
 * final</em> is not: sections depend on a worker's examples and threads.
 *
 * <p>The sums of a node with batch sums of its own are final before the next node's. Those of
 * others may wait for the next {@link org.backdraft.nn.Scope#BATCH} operation, which may have batch
 * sums, and are final after the section that follows: before the batch sums after those.
 *
 * @param parameterBegins the first parameter of each node, then the number of parameters
 * @param sumsBefore for each node how many batch sums come before the exchange of its gradients
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ExchangeOrder(int[] parameterBegins, int[] sumsBefore) {
  /**
   * @param operations of each node
   */
  static ExchangeOrder of(int[] parameterBegins, List<List<Operation>> operations) {
    int[] own = new int[operations.size()];
    int all = 0;
    for (int node = 0; node < own.length; node++) {
      own[node] =
          (int) operations.get(node).stream().filter(each -> each.batchSums(true) > 0).count();
      all += own[node];
    }
    int[] sumsBefore = new int[own.length];
    int from = 0;
    for (int node = own.length - 1; node >= 0; node--) {
      from += own[node];
      sumsBefore[node] = own[node] > 0 ? from : Math.min(all, from + 1);
    }
    return new ExchangeOrder(parameterBegins, sumsBefore);
  }

  /** How many batch sums come before the exchange of gradients from this parameter on. */
  int sumsBefore(int parameter) {
    int node = sumsBefore.length - 1;
    while (node > 0 && parameterBegins[node] > parameter) {
      node--;
    }
    return sumsBefore[node];
  }

  /**
   * Checks that gradients which come before some batch sums are final when these are asked for;
   * workers would wait for each other for ever else.
   *
   * @param sections of the backward pass
   * @param finalFrom for each section the first parameter whose gradients are final after it
   * @throws IllegalStateException if they are not
   */
  void check(List<Schedule.Section> sections, int[] finalFrom) {
    int done = 0;
    int told = parameterBegins[parameterBegins.length - 1];
    for (int section = 0; section < finalFrom.length; section++) {
      if (sections.get(section).batchSums() > 0) {
        for (int node = 0; node < sumsBefore.length; node++) {
          if (sumsBefore[node] <= done && parameterBegins[node] < told) {
            throw new IllegalStateException(
                "Gradients of node %d must be final before batch sums %d of the backward pass."
                    .formatted(node, done + 1));
          }
        }
        done++;
      }
      told = Math.min(told, finalFrom[section]);
    }
  }
}
