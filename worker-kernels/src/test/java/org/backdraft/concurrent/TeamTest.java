package org.backdraft.concurrent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class TeamTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyThreadRunsEveryTaskOnce(int threads) {
    AtomicIntegerArray runs = new AtomicIntegerArray(threads);
    try (Team team = new Team(threads)) {
      for (int task = 1; task <= 2000; task++) {
        team.run(runs::incrementAndGet);
        for (int t = 0; t < threads; t++) {
          assertThat(runs.get(t)).isEqualTo(task);
        }
      }
    }
  }

  @Test
  void theCallerIsThreadZero() {
    Thread[] seen = new Thread[3];
    try (Team team = new Team(3)) {
      team.run(thread -> seen[thread] = Thread.currentThread());
      assertThat(seen[0]).isSameAs(Thread.currentThread());
      assertThat(seen[1]).isSameAs(team.workers()[0]).isNotSameAs(seen[2]);
      assertThat(seen[2].getName()).startsWith("backdraft-team-");
      assertThat(seen[2].isDaemon()).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void whatAThreadThrowsReachesTheCallerAndTheTeamGoesOn(int failing) {
    try (Team team = new Team(3)) {
      Team.Task bad =
          thread -> {
            if (thread == failing) {
              throw new AssertionError("thread " + thread);
            }
          };
      assertThatThrownBy(() -> team.run(bad))
          .isInstanceOf(AssertionError.class)
          .hasMessage("thread " + failing);
      AtomicIntegerArray runs = new AtomicIntegerArray(3);
      team.run(runs::incrementAndGet);
      assertThat(runs.get(0) + runs.get(1) + runs.get(2)).isEqualTo(3);
    }
  }

  @Test
  void anInterruptedCallerStillWaitsForAll() {
    int[] done = new int[4];
    try (Team team = new Team(4)) {
      Thread.currentThread().interrupt();
      for (int task = 0; task < 50; task++) {
        team.run(thread -> done[thread]++);
      }
      assertThat(Thread.interrupted()).isTrue();
    }
    assertThat(done).containsOnly(50);
  }

  @Test
  void closingEndsTheThreads() {
    Team team = new Team(3);
    Thread[] workers = team.workers();
    team.close();
    for (Thread worker : workers) {
      assertThat(worker.isAlive()).isFalse();
    }
    assertThatThrownBy(() -> team.run(thread -> {})).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aThreadThatNeverEndsIsNamedAfterTheDeadline() {
    CountDownLatch never = new CountDownLatch(1);
    try (Team team = new Team(3, 50)) {
      Team.Task stuck =
          thread -> {
            try {
              if (thread == 2) {
                never.await(1, TimeUnit.MINUTES);
              }
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          };
      String name = team.workers()[1].getName();
      assertThatThrownBy(() -> team.run(stuck))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining(name)
          .hasMessageContaining("within 50 ms");
      assertThatThrownBy(() -> team.run(thread -> {})).hasMessageContaining("closed");
      never.countDown();
    }
  }
}
