package org.backdraft.driver;

import java.io.IOException;
import java.util.List;
import org.backdraft.data.BadExample;
import org.backdraft.data.BadRecordRule;
import org.backdraft.data.BadRecords;
import org.backdraft.data.DataSource;
import org.backdraft.data.SoundExamples;
import org.backdraft.driver.config.BadRecordsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Leaves out of a run's sets the records that cannot be read, where the configuration says so:
 * found once, before anything is trained, so that all workers have the same examples under the same
 * ids.
 */
final class RecordSieve {
  private static final Logger LOG = LoggerFactory.getLogger(RecordSieve.class);
  private static final int NAMED = 5;

  private final BadRecordsConfig config;
  private final Cluster cluster;
  private BadRecords leftOut = BadRecords.NONE;

  RecordSieve(BadRecordsConfig config, Cluster cluster) {
    this.config = config;
    this.cluster = cluster;
  }

  /** Whether there is anything to do. */
  boolean isNeeded() {
    return config.rule() == BadRecordRule.SKIP;
  }

  /**
   * The set without what cannot be read.
   *
   * @throws org.backdraft.data.DataException if that is too much
   */
  DataSource of(DataSource source) throws IOException {
    boolean isOfFiles = source.file(0).isPresent();
    List<BadExample> bad = isOfFiles ? cluster.badExamples(source) : List.of();
    DataSource sound = SoundExamples.of(source, bad);
    BadRecords found = sound.leftOut();
    if (found.count() > 0) {
      tell(found, sound);
      config.check(found, sound.examples(), sound.uri());
      leftOut = leftOut.and(found);
    }
    return sound;
  }

  private static void tell(BadRecords found, DataSource sound) {
    LOG.warn(
        "{} of {} records of {} cannot be read, and are left out (data.bad-records=skip).",
        found.count(),
        (long) found.count() + sound.examples(),
        sound.uri());
    for (BadRecords.Kind kind : found.kinds().subList(0, Math.min(NAMED, found.kinds().size()))) {
      LOG.warn("{} of this kind: {}", kind.count(), kind.first());
    }
  }

  /** All that was left out. */
  BadRecords leftOut() {
    return leftOut;
  }
}
