package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * How a worker ends badly.
 *
 * @param kind what it was
 * @param step in which it happened, from 0
 * @param peer the rank that the worker holds responsible, −1 for none
 * @param message what the user reads
 * @param layer the first layer with a non-finite output, by its place in the network; −1 for none
 *     or where that is not the failure
 * @param trace the stack trace, for the log
 */
public record FailureReport(
    Kind kind, long step, int peer, String message, int layer, String trace) {
  private static final int MAX_TEXT = 32_768;

  /** Whose fault a failure is. */
  public enum Kind {
    /** The loss is not finite; all ranks say so at the same step. */
    DIVERGED,
    /** The data are not what they should be. */
    DATA,
    /** The configuration cannot run here. */
    CONFIGURATION,
    /** Another rank is lost or silent. */
    PEER,
    /** The worker was told to stop. */
    STOPPED,
    /** Anything else. */
    OTHER
  }

  public FailureReport {
    message = cut(message);
    trace = cut(trace);
  }

  Message toMessage() {
    return new PayloadWriter(512)
        .putInt(kind.ordinal())
        .putLong(step)
        .putInt(peer)
        .putText(message)
        .putInt(layer)
        .putText(trace)
        .message(MessageKind.FAILED, step);
  }

  static FailureReport of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.FAILED, message);
    Kind[] kinds = Kind.values();
    FailureReport report =
        new FailureReport(
            kinds[in.readInt("kind", 0, kinds.length - 1)],
            in.readLong(),
            in.readInt(),
            in.readText(),
            in.readInt(),
            in.readText());
    in.end();
    return report;
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
