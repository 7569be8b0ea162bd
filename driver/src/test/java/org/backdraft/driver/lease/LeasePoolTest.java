package org.backdraft.driver.lease;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.driver.control.Lease;
import org.backdraft.driver.control.LeaseSums;
import org.backdraft.driver.control.StepRecords;
import org.backdraft.leaf.Leaves;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeasePoolTest {
  private static final long SECOND = 1_000_000_000L;
  private static final LeasePool.Limits LIMITS =
      new LeasePool.Limits(Duration.ofSeconds(10), Duration.ofSeconds(30));

  private static List<Lease> leases() {
    return new LeaseCut(new Leaves(8), 4).training(0, 100, 50, 0, 0, 2);
  }

  private static LeasePool pool() {
    LeasePool pool = new LeasePool(LIMITS);
    pool.add(leases());
    return pool;
  }

  @ParameterizedTest
  @CsvSource({"203, 32, 8, 4", "100, 100, 16, 1", "17, 16, 8, 8", "3, 3, 16, 16", "1, 1, 4, 2"})
  void leasesHoldEveryExampleOnce(int examples, int batch, int leafCount, int perBatch) {
    Leaves leaves = new Leaves(leafCount);
    int steps = (examples + batch - 1) / batch;
    int[] visits = new int[examples];
    long last = -1;
    for (Lease each : new LeaseCut(leaves, perBatch).training(0, examples, batch, 0, 0, steps)) {
      int size = (int) Math.min(batch, examples - each.step() * batch);
      int first = (int) each.step() * batch;
      int begin = leaves.begin(each.leaves().begin(), size);
      int end = leaves.begin(each.leaves().end(), size);
      assertThat(begin).isLessThan(end);
      for (int i = begin; i < end; i++) {
        visits[first + i]++;
      }
      assertThat(each.id()).isGreaterThan(last);
      last = each.id();
    }
    assertThat(visits).containsOnly(1);
  }

  @Test
  void leasesGoOutInOrderAndEachToOneWorker() {
    LeasePool pool = pool();
    List<Lease> given = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      given.add(pool.take(i % 3, 0).orElseThrow());
    }
    assertThat(given).isEqualTo(leases());
    assertThat(pool.take(0, 0)).isEmpty();
    assertThat(pool.isDone()).isFalse();
  }

  @Test
  void whatAWorkerLosesComesBackFirst() {
    LeasePool pool = pool();
    Lease first = pool.take(0, 0).orElseThrow();
    Lease second = pool.take(1, 0).orElseThrow();
    Lease third = pool.take(0, 0).orElseThrow();
    pool.begin(0, first.id(), 0);

    assertThat(pool.release(0)).containsExactly(first, third);
    assertThat(pool.redone()).isEqualTo(1);
    assertThat(pool.complete(0, first.id(), 0)).as("not its own any more").isEmpty();
    assertThat(pool.take(1, 0)).contains(first);
    assertThat(pool.take(2, 0)).contains(third);
    assertThat(pool.complete(1, second.id(), 0)).contains(second);
    assertThat(pool.complete(1, second.id(), 0)).as("a second time").isEmpty();
  }

  @Test
  void isDoneWhenAllIsCompleted() {
    LeasePool pool = pool();
    for (Optional<Lease> lease = pool.take(0, 0); lease.isPresent(); lease = pool.take(0, 0)) {
      assertThat(pool.isDone()).isFalse();
      assertThat(pool.complete(0, lease.get().id(), 0)).isPresent();
    }
    assertThat(pool.isDone()).isTrue();
  }

  @Test
  void onlyTheFirstLeaseOfAWorkerCanBeLate() {
    LeasePool pool = pool();
    Lease first = pool.take(0, 0).orElseThrow();
    Lease second = pool.take(0, 0).orElseThrow();
    assertThat(pool.overdue(30 * SECOND)).isEmpty();
    assertThat(pool.overdue(31 * SECOND)).contains(new LeasePool.Overdue(0, first, false));

    pool.begin(0, first.id(), 20 * SECOND);
    assertThat(pool.overdue(30 * SECOND)).isEmpty();
    assertThat(pool.overdue(31 * SECOND)).contains(new LeasePool.Overdue(0, first, true));

    Object unused = pool.complete(0, first.id(), 31 * SECOND);
    assertThat(pool.overdue(61 * SECOND)).isEmpty();
    assertThat(pool.overdue(62 * SECOND)).contains(new LeasePool.Overdue(0, second, false));
  }

  @Test
  void batchesComeOutInOrderWithTheTimeSinceTheLast() {
    List<Lease> leases = leases();
    BatchTally tally = new BatchTally();
    tally.expect(leases, 0);
    for (int i = 4; i < 8; i++) {
      assertThat(tally.add(leases.get(i), sums(leases.get(i)), step -> 0.5f, i).count()).isZero();
    }
    for (int i = 0; i < 3; i++) {
      assertThat(tally.add(leases.get(i), sums(leases.get(i)), step -> 0.5f, i).count()).isZero();
    }
    StepRecords records = tally.add(leases.get(3), sums(leases.get(3)), step -> 2 + step, 100);

    assertThat(records.count()).isEqualTo(2);
    assertThat(records.step(0)).isZero();
    assertThat(records.step(1)).isEqualTo(1);
    assertThat(records.lossSum(0)).isEqualTo(0 + 1 + 2 + 3);
    assertThat(records.lossSum(1)).isEqualTo(4 + 5 + 6 + 7);
    assertThat(records.examples(1)).isEqualTo(4 * 12);
    assertThat(records.learningRate(1)).isEqualTo(3);
    assertThat(records.nanos(0) + records.nanos(1)).isEqualTo(100);
  }

  private static LeaseSums sums(Lease lease) {
    return new LeaseSums(lease.id(), lease.id(), 12, 3, 12, 12, 0, 1);
  }

  @Test
  void anEpochThatHasBegunHasTheLeasesThatAreLeft() {
    List<Lease> all = new LeaseCut(new Leaves(8), 4).training(2, 110, 32, 8, 0, 4);
    List<Lease> left = new LeaseCut(new Leaves(8), 4).training(2, 110, 32, 8, 3, 4);
    assertThat(left).extracting(Lease::step).containsOnly(11L);
    assertThat(left)
        .extracting(Lease::leaves)
        .isEqualTo(all.subList(12, all.size()).stream().map(Lease::leaves).toList());
  }

  @Test
  void noStepBehindABorderIsBegunBeforeThoseInFrontAreDone() {
    LeasePool pool = new LeasePool(LIMITS);
    List<Lease> leases = new LeaseCut(new Leaves(8), 4).training(0, 150, 50, 10, 0, 3);
    LeasedEpoch epoch = new LeasedEpoch(pool, leases, 10, 13, 4); // borders at 12 and 13
    epoch.open();
    for (int i = 0; i < 8; i++) {
      Lease lease = pool.take(i % 3, 0).orElseThrow();
      epoch.begin(lease);
      assertThat(lease.step()).isLessThan(12);
    }
    assertThat(pool.take(0, 0)).isEmpty();
    assertThat(pool.isDone()).isFalse();
    assertThat(epoch.border()).isEqualTo(12);
    assertThat(epoch.isLast()).isFalse();

    for (int i = 0; i < 8; i++) {
      assertThat(pool.complete(i % 3, leases.get(i).id(), 0)).isPresent();
    }
    assertThat(pool.isDone()).isTrue();
    epoch.open();
    assertThat(epoch.isLast()).isTrue();
    assertThat(pool.take(0, 0)).contains(leases.get(8));
  }

  @Test
  void aBorderCanBeSetBehindTheStepsThatHaveBegun() {
    LeasePool pool = new LeasePool(LIMITS);
    List<Lease> leases = new LeaseCut(new Leaves(8), 4).training(0, 200, 50, 0, 0, 4);
    LeasedEpoch epoch = new LeasedEpoch(pool, leases, 0, 4, 0);
    epoch.open();
    for (int i = 0; i < 5; i++) { // one lease of the second step
      epoch.begin(pool.take(0, 0).orElseThrow());
    }
    epoch.hold();
    assertThat(epoch.border()).isEqualTo(2);
    Lease lost = pool.release(0).get(0);
    assertThat(pool.take(1, 0)).as("what returns is in front of it").contains(lost);
    assertThat(pool.free()).isEqualTo(7);

    epoch.hold();
    assertThat(epoch.border()).as("again").isEqualTo(2);
    for (int i = 1; i < 8; i++) {
      assertThat(pool.take(1, 0)).contains(leases.get(i));
    }
    assertThat(pool.take(1, 0)).isEmpty();
    leases.subList(0, 8).forEach(each -> assertThat(pool.complete(1, each.id(), 0)).isPresent());
    assertThat(pool.isDone()).isTrue();

    epoch.open();
    assertThat(epoch.border()).isEqualTo(4);
    for (int i = 8; i < 16; i++) {
      assertThat(pool.take(1, 0)).contains(leases.get(i));
    }
  }

  @Test
  void whereNothingHasBegunTheBorderIsAtTheBeginning() {
    LeasePool pool = new LeasePool(LIMITS);
    LeasedEpoch epoch = new LeasedEpoch(pool, leases(), 0, 2, 0);
    epoch.open();
    epoch.hold();
    assertThat(epoch.border()).isZero();
    assertThat(epoch.isLast()).isFalse();
    assertThat(pool.isDone()).isTrue();
    epoch.open();
    assertThat(pool.free()).isEqualTo(8);
  }

  @Test
  void leasesMustDivideTheLeaves() {
    for (int perBatch : new int[] {0, 3, 16}) {
      assertThatThrownBy(() -> new LeaseCut(new Leaves(8), perBatch))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("power of two in [1, 8]");
    }
  }
}
