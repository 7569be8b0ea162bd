package org.backdraft.ps;

import java.io.Serializable;
import java.time.Duration;
import org.backdraft.tensor.Checks;

/**
 * How a worker deals with its shards.
 *
 * @param deadline how long an operation goes on while no request is done
 * @param retry how long an answer may take before the request is sent again
 * @param maxBytesInFlight what may be on its way to one shard, beside one request
 */
public record ClientSettings(Duration deadline, Duration retry, long maxBytesInFlight)
    implements Serializable {
  public ClientSettings {
    Checks.argument(
        !retry.isNegative() && !retry.isZero() && retry.compareTo(deadline) <= 0,
        "A retry must come after more than 0 and before the deadline: got %s and %s.",
        retry,
        deadline);
    Checks.argument(
        maxBytesInFlight >= 0, "Bytes in flight must be >= 0: got %d.", maxBytesInFlight);
  }

  /** Requests again after a quarter of the deadline, 4 MiB in flight. */
  public static ClientSettings of(Duration deadline) {
    return new ClientSettings(deadline, deadline.dividedBy(4), 4 << 20);
  }
}
