package org.backdraft.driver.config;

import static org.backdraft.driver.failure.ConfigurationException.require;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.backdraft.data.BadRecordRule;
import org.backdraft.data.BadRecords;
import org.backdraft.data.DataException;

/**
 * What becomes of records that cannot be read: the section {@code data.bad-records}. A set must
 * keep both limits.
 *
 * @param name {@code fail}, or {@code skip}, which leaves them out
 * @param most that may be left out of a set
 * @param share of a set that may be left out, in [0, 1)
 */
public record BadRecordsConfig(
    @JsonProperty("name") String name,
    @JsonProperty("most") int most,
    @JsonProperty("share") double share) {
  private static final String SKIP = "skip";

  public BadRecordsConfig {
    ConfigChecks.requireOneOf("data.bad-records", name, List.of("fail", SKIP));
    require(most >= 1, "data.bad-records.most must be at least 1: got %d.", most);
    ConfigChecks.requireFraction("data.bad-records.share", share);
  }

  /** The data cannot be used. */
  public static BadRecordsConfig defaults() {
    return new BadRecordsConfig("fail", 1000, 0.01);
  }

  /** What happens to a record that cannot be read. */
  public BadRecordRule rule() {
    return name.equals(SKIP) ? BadRecordRule.SKIP : BadRecordRule.FAIL;
  }

  /**
   * @param examples that are left
   * @throws DataException if too many were left out
   */
  public void check(BadRecords leftOut, int examples, String uri) throws DataException {
    int count = leftOut.count();
    long all = (long) count + examples;
    if (count > most || count > share * all) {
      throw new DataException(
          ("At most %d records of %s, and at most %s of all, may be left out"
                  + " (data.bad-records.most, .share): %d of %d cannot be read. First: %s Mend or"
                  + " remove them, or raise the limit.")
              .formatted(most, uri, share, count, all, leftOut.kinds().get(0).first()));
    }
  }
}
