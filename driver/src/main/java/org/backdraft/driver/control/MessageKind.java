package org.backdraft.driver.control;

import java.io.IOException;

/** What a message of the control channel is. */
enum MessageKind {
  /** Worker to driver, first of all: {@link Hello}. */
  HELLO(1),
  /** Worker to driver, every second: no payload, the step in the frame. */
  HEARTBEAT(2),
  /** Rank 0 to driver: {@link StepRecords}. */
  STEPS(3),
  /** Worker to driver after an epoch: {@link LeafScores}. */
  SCORES(4),
  /** Rank 0 to driver at the end: {@link WeightsChunk}. */
  WEIGHTS(5),
  /** Worker to driver, last of all: {@link Finish}. */
  FINISHED(6),
  /** Worker to driver, last of all: {@link FailureReport}. */
  FAILED(7),
  /** Driver to worker when all have said hello: {@link PeerTable}. */
  PEERS(8),
  /** Driver to worker, the answer to a heartbeat: no payload. */
  ALIVE(9),
  /** Driver to worker after an epoch: {@link Verdict}. */
  VERDICT(10),
  /** Driver to worker before the first step: {@link WeightsChunk}. */
  START_WEIGHTS(11),
  /** Worker to driver: {@link TimeRecords}. */
  TIMES(12),
  /** Rank 0 to driver before the first step: {@link SyncChoice}. */
  CHOICE(13);

  private final int code;

  MessageKind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /**
   * @throws IOException if no message has that code
   */
  static MessageKind of(int code) throws IOException {
    for (MessageKind kind : values()) {
      if (kind.code == code) {
        return kind;
      }
    }
    throw new IOException("A control message must be of type 1 to 13: got " + code + ".");
  }
}
