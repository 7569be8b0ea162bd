package org.backdraft.driver.worker;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.backdraft.comm.BlockBorders;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.GangProbe;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.driver.control.SyncChoice;
import org.backdraft.driver.sync.ExchangeSpec;

/**
 * Which algorithm a gang sums with: the one that is asked for, the usual one, or what a measurement
 * finds best. All ranks come to the same.
 */
final class ExchangeChoice {
  /** What a run may pay for a measurement before its first step. */
  private static final Duration PROBE = Duration.ofSeconds(1);

  private final GangPeers gang;
  private final Adder adder;
  private final BlockBorders borders;

  ExchangeChoice(GangPeers gang, Adder adder, BlockBorders borders) {
    this.gang = gang;
    this.adder = adder;
    this.borders = borders;
  }

  /**
   * Chooses, and measures if it must; all ranks call it together.
   *
   * @param load what training will sum, for a measurement
   */
  SyncChoice choose(ExchangeSpec spec, GangProbe.Load load) throws IOException {
    if (spec instanceof ExchangeSpec.Given given) {
      return new SyncChoice(given.algorithm(), given.reason(), Optional.empty());
    }
    int worldSize = gang.hosts().size();
    if (worldSize == 1) {
      return usual("one worker has nothing to exchange");
    }
    if (spec instanceof ExchangeSpec.Usual) {
      return usual("not measured, as sync.probe=false says");
    }
    if (gang.isInOneJvm()) {
      return usual("not measured, since all workers share one JVM");
    }
    ProbeResult result =
        new GangProbe(gang.transport(), adder, borders, gang.hosts(), load).run(PROBE);
    return new SyncChoice(result.chosen(), result.reason(), Optional.of(result));
  }

  private SyncChoice usual(String reason) {
    AllReduceAlgorithm usual = AllReduceAlgorithm.defaultFor(gang.hosts().size());
    return new SyncChoice(usual, reason, Optional.empty());
  }

  /** The collectives of what was chosen. */
  Collectives collectives(SyncChoice choice) {
    return choice.algorithm().create(gang.transport(), adder, borders, gang.hosts());
  }
}
