package org.backdraft.plan;

import org.backdraft.concurrent.Team;
import org.backdraft.kernel.UpdateKernels;
import org.backdraft.nn.Share;

/** Looks for NaN and infinities by all threads of a team. Runs allocate nothing. */
final class FiniteCheck implements Team.Task {
  /** Elements below which waking the team takes longer than looking. */
  private static final int WORTH_A_TEAM = 1 << 15;

  private final UpdateKernels kernels;
  private final Team team;
  private float[] values;
  private int begin;
  private int end;
  private volatile boolean isFinite;

  FiniteCheck(UpdateKernels kernels, Team team) {
    this.kernels = kernels;
    this.team = team;
  }

  /** Whether {@code [begin, end)} holds neither. */
  boolean isFinite(float[] array, int from, int to) {
    if (to - from < WORTH_A_TEAM) {
      return kernels.isFinite(array, from, to);
    }
    values = array;
    begin = from;
    end = to;
    isFinite = true;
    team.run(this);
    return isFinite;
  }

  @Override
  public void run(int thread) {
    int first = begin + Share.begin(end - begin, thread, team.threads());
    int last = begin + Share.end(end - begin, thread, team.threads());
    if (!kernels.isFinite(values, first, last)) {
      isFinite = false;
    }
  }
}
