package org.backdraft.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.nn.Operation;

/**
 * What a forward pass can run as soon as the first parameters are there, or some more of them: a
 * pass is cut into stages where {@link ParameterArrival} has to be waited for.
 *
 * @param parametersEnd its operations read none from here on
 * @param prepared operations whose parameters were not there in the stage before
 * @param sections of the forward pass
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; a step goes through it.
record ForwardStage(int parametersEnd, Schedule.Section prepared, Schedule.Section[] sections) {

  /**
   * Cuts a pass.
   *
   * @param ends up to which parameters arrive together: ascending, the last one the number of all;
   *     with that alone the pass is not cut
   * @return stages that have something to do, the first in any case
   */
  static ForwardStage[] of(Plan plan, int... ends) {
    check(plan, ends);
    Map<Operation, Integer> stageOf = new IdentityHashMap<>();
    List<Operation> operations = plan.operations();
    for (int i = 0; i < operations.size(); i++) {
      stageOf.put(operations.get(i), stage(ends, plan.parametersEnd(i)));
    }
    List<ForwardStage> stages = new ArrayList<>();
    for (int stage = 0; stage < ends.length; stage++) {
      int number = stage;
      List<Operation> prepared =
          operations.stream().filter(each -> stageOf.get(each) == number).toList();
      List<Schedule.Section> sections = new ArrayList<>();
      for (Schedule.Section section : plan.forward()) {
        // What a pass begins with, a copy of the input, is of no node.
        List<Operation> part =
            Arrays.stream(section.operations())
                .filter(each -> stageOf.getOrDefault(each, 0) == number)
                .toList();
        if (!part.isEmpty()) {
          sections.add(section.with(part));
        }
      }
      if (stage == 0 || !prepared.isEmpty()) {
        stages.add(
            new ForwardStage(
                ends[stage],
                Schedule.Section.of(prepared),
                sections.toArray(Schedule.Section[]::new)));
      }
    }
    return stages.toArray(ForwardStage[]::new);
  }

  private static void check(Plan plan, int[] ends) {
    boolean ascends = ends.length > 0 && ends[ends.length - 1] == plan.reduction().parameters();
    for (int i = 1; i < ends.length; i++) {
      ascends &= ends[i - 1] < ends[i];
    }
    if (!ascends) {
      throw new IllegalArgumentException(
          "Parameters must arrive in ascending order, the last up to %d: got %s."
              .formatted(plan.reduction().parameters(), Arrays.toString(ends)));
    }
  }

  private static int stage(int[] ends, int parametersEnd) {
    int stage = 0;
    while (ends[stage] < parametersEnd) {
      stage++;
    }
    return stage;
  }
}
