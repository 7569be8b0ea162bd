package org.backdraft.driver.control;

import java.io.IOException;
import java.time.Duration;
import org.backdraft.comm.transport.Message;

/**
 * The errands of a worker that keeps shards, over its control channel, apart from the worker's own
 * talk with the driver. For one thread, which need not be the one that opened the channel; {@link
 * #tell} is for any.
 */
public final class ShardErrands {
  private final WorkerControl control;

  public ShardErrands(WorkerControl control) {
    this.control = control;
  }

  /** The next errand, null if none came within {@code timeout}. */
  public ShardErrand next(Duration timeout) throws IOException, InterruptedException {
    Message message = control.nextErrand(timeout);
    return message == null ? null : ShardErrand.of(message);
  }

  /** Tells the driver. */
  public void tell(ShardNews news) throws IOException {
    control.send(news.toMessage());
  }
}
