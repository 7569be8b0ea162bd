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
  CHOICE(13),
  /** Rank 0 to driver: its state after the frame's step follows: {@link StateMark}. */
  STATE_BEGINS(14),
  /** Worker to driver, of the frame's step: {@link StateChunk}. */
  STATE(15),
  /** Worker to driver: that was all of its state of the frame's step; no payload. */
  STATE_ENDS(16),
  /** Worker to driver before the first step: {@link StateRanges}. */
  STATE_WANTED(17),
  /** Driver to worker, the answer: {@link StateChunk}. */
  START_STATE(18),
  /** Driver to rank 0: to be raised, in place of a step in the frame; no payload. */
  SIGNAL(19),
  /** Driver to a worker with leases, the answer to its hello: {@link ShardTable}. */
  SHARDS(20),
  /** Driver to a worker with leases: {@link Lease}. */
  LEASE(21),
  /** Worker to driver: it has pulled and computes; no payload, the lease's id in the frame. */
  LEASE_BEGUN(22),
  /** Worker to driver: a lease has been pushed: {@link LeaseSums}. */
  LEASE_DONE(23),
  /** Driver to worker: there is no more work; no payload. */
  END(24),
  /** Driver to a worker that keeps shards: {@link ShardErrand.Host}. */
  HOST(25),
  /** Both ways: {@link ShardErrand.Image}. */
  IMAGE(26),
  /** Driver to a worker that keeps shards: {@link ShardErrand.Fence}. */
  FENCE(27),
  /** Driver to a worker that keeps shards: {@link ShardErrand.Snapshot}. */
  SNAPSHOT(28),
  /** Worker to driver: {@link ShardNews.Hosted}. */
  HOSTED(29),
  /** Worker to driver: {@link ShardNews.Taken}. */
  SNAPSHOT_TAKEN(30),
  /** Worker to driver: the digest of its weights after the frame's steps: {@link ReplicaDigest}. */
  DIGEST(31),
  /** Driver to rank 0: it has copied what it keeps of the state that was begun; no payload. */
  STATE_KEPT(32);

  private final int code;

  MessageKind(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  /** Whether it goes to the keeper of shards beside a worker. */
  boolean isErrand() {
    return switch (this) {
      case HOST, IMAGE, FENCE, SNAPSHOT -> true;
      default -> false;
    };
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
    throw new IOException("A control message must be of a known type: got " + code + ".");
  }
}
