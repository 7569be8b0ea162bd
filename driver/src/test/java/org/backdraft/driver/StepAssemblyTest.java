package org.backdraft.driver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.backdraft.driver.control.TimeRecords;
import org.junit.jupiter.api.Test;

class StepAssemblyTest {
  private final List<TrainingListener.Step> seen = new ArrayList<>();

  private StepAssembly assembly(int workers) {
    return new StepAssembly(workers, true, seen::add);
  }

  private static TrainingListener.Step step(long step) {
    return new TrainingListener.Step(0, step, 1, 0.1, 100, RankTimes.unknown(1));
  }

  private static TimeRecords times(long step, long compute) {
    TimeRecords records = new TimeRecords();
    records.add(step, compute, 20, 30, 40, 50);
    return records;
  }

  private List<Long> steps() {
    return seen.stream().map(TrainingListener.Step::step).toList();
  }

  @Test
  void aStepIsHandedOnWhenAllRanksHaveTold() {
    StepAssembly assembly = assembly(3);
    assembly.timed(2, times(0, 12));
    assembly.told(step(0));
    assembly.timed(0, times(0, 10));
    assertThat(seen).isEmpty();

    assembly.timed(1, times(0, 11));

    assertThat(seen).hasSize(1);
    assertThat(seen.get(0).times().compute()).containsExactly(10, 11, 12);
    assertThat(seen.get(0).times().data()).containsExactly(40, 40, 40);
  }

  @Test
  void laterStepsWaitForEarlierOnes() {
    StepAssembly assembly = assembly(2);
    assembly.told(step(0));
    assembly.told(step(1));
    assembly.timed(0, times(1, 1));
    assembly.timed(1, times(1, 1));
    assembly.timed(0, times(0, 1));
    assertThat(seen).isEmpty();
    assembly.timed(1, times(0, 1));
    assertThat(steps()).containsExactly(0L, 1L);
  }

  @Test
  void aRankThatLagsHoldsUpABoundedNumberOfStepsAndStillCountsInTheTotals() {
    StepAssembly assembly = assembly(2);
    for (int i = 0; i < 10_000; i++) {
      assembly.timed(0, times(i, 1));
      assembly.told(step(i));
    }
    assertThat(seen).hasSize(10_000 - 4096);
    assertThat(seen.get(0).times().compute()[0]).isEqualTo(1);
    assertThat(seen.get(0).times().compute()[1]).isNaN();

    assembly.timed(1, times(0, 5));
    assembly.flush();

    assertThat(seen).hasSize(10_000);
    assertThat(assembly.totals().compute()).containsExactly(10_000, 5);
  }

  @Test
  void aRankFarAheadTakesNoMemory() {
    StepAssembly assembly = assembly(2);
    assembly.timed(1, times(Long.MAX_VALUE / 2, 7));
    assembly.told(step(0));
    assembly.flush();
    assertThat(steps()).containsExactly(0L);
    assertThat(assembly.totals().compute()).containsExactly(0, 7);
  }

  @Test
  void whereRanksTellNoTimesAStepIsHandedOnAtOnceAndAllTimesAreUnknown() {
    StepAssembly assembly = new StepAssembly(3, false, seen::add);
    assembly.told(step(0));
    assertThat(steps()).containsExactly(0L);
    assembly.told(step(1));
    assertThat(steps()).containsExactly(0L, 1L);
    assertThat(seen.get(1).times().compute()).hasSize(3).containsOnly(Double.NaN);
    assertThat(assembly.totals().waiting()).hasSize(3).containsOnly(Double.NaN);
    assertThat(assembly.totals().straggler()).isEmpty();
  }

  @Test
  void stepsOutOfOrderAreRefused() {
    StepAssembly assembly = assembly(1);
    assembly.told(step(0));
    assembly.timed(0, times(0, 1));
    assertThatThrownBy(() -> assembly.told(step(0)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("in order");
  }

  @Test
  void whoHasThrownHearsNoMore() {
    StepAssembly assembly =
        new StepAssembly(
            1,
            false,
            step -> {
              seen.add(step);
              if (step.step() == 1) {
                throw new IllegalStateException("full");
              }
            });
    assembly.told(step(0));
    assertThatThrownBy(() -> assembly.told(step(1))).hasMessage("full");
    assembly.flush();
    assertThat(steps()).containsExactly(0L, 1L);
  }

  @Test
  void whatIsLeftIsHandedOnWhenNothingMoreComes() {
    StepAssembly assembly = assembly(2);
    assembly.told(step(0));
    assembly.told(step(1));
    assembly.flush();
    assertThat(steps()).containsExactly(0L, 1L);
  }
}
