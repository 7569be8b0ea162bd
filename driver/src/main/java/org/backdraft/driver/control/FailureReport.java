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
 * @param divergence what the rank knows of a step that has diverged, if that is the failure
 * @param trace the stack trace, for the log
 */
public record FailureReport(
    Kind kind, long step, int peer, String message, Divergence divergence, String trace) {
  private static final int MAX_TEXT = 32_768;

  /** Whose fault a failure is. */
  public enum Kind {
    /** A step has diverged; all ranks say so of the same one. */
    DIVERGED(1),
    /** The data are not what they should be. */
    DATA(2),
    /** The configuration cannot run here. */
    CONFIGURATION(3),
    /** Another rank is lost or silent. */
    PEER(4),
    /** The worker was told to stop. */
    STOPPED(5),
    /** Anything else. */
    OTHER(6);

    private final int code;

    Kind(int code) {
      this.code = code;
    }

    private static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      throw new AssertionError("The reader has checked the range: " + code);
    }
  }

  public FailureReport {
    message = cut(message);
    trace = cut(trace);
  }

  Message toMessage() {
    PayloadWriter out =
        new PayloadWriter(512).putInt(kind.code).putLong(step).putInt(peer).putText(message);
    divergence.put(out);
    return out.putText(trace).message(MessageKind.FAILED, step);
  }

  static FailureReport of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.FAILED, message);
    FailureReport report =
        new FailureReport(
            Kind.of(in.readInt("kind", 1, Kind.values().length)),
            in.readLong(),
            in.readInt(),
            in.readText(),
            Divergence.read(in),
            in.readText());
    in.end();
    return report;
  }

  private static String cut(String text) {
    return text.length() <= MAX_TEXT ? text : text.substring(0, MAX_TEXT);
  }
}
