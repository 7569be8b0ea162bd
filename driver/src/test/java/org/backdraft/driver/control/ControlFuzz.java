package org.backdraft.driver.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.comm.transport.Message;

/** Payloads of the control channel: a first byte that says which kind it is, then the payload. */
public final class ControlFuzz {
  private static final int WORLD_SIZE = 4;

  private ControlFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) {
    if (bytes.length == 0) {
      return;
    }
    Message message = new Message(bytes[0] & 0xff, 0, Arrays.copyOfRange(bytes, 1, bytes.length));
    try {
      read(message);
    } catch (IOException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
    }
  }

  private static void read(Message message) throws IOException {
    MessageKind kind = MessageKind.of(message.type());
    Object unused =
        switch (kind) {
          case HELLO -> Hello.of(message, WORLD_SIZE);
          case STEPS -> StepRecords.of(message);
          case SCORES -> LeafScores.of(message);
          case WEIGHTS, START_WEIGHTS -> WeightsChunk.of(kind, message);
          case FINISHED -> Finish.of(message);
          case FAILED -> FailureReport.of(message);
          case PEERS -> PeerTable.of(message, WORLD_SIZE);
          case VERDICT -> Verdict.of(message);
          case TIMES -> TimeRecords.of(message);
          case CHOICE -> SyncChoice.of(message);
          case STATE_BEGINS -> StateMark.of(message);
          case STATE, START_STATE -> StateChunk.of(kind, message);
          case STATE_WANTED -> StateRanges.of(message);
          case SHARDS -> ShardTable.of(message);
          case LEASE -> Lease.of(message);
          case LEASE_DONE -> LeaseSums.of(message);
          case HOST, IMAGE, FENCE, SNAPSHOT -> ShardErrand.of(message);
          case HOSTED, SNAPSHOT_TAKEN -> ShardNews.of(kind, message);
          case DIGEST -> ReplicaDigest.of(message);
          case HEARTBEAT, ALIVE, STATE_ENDS, SIGNAL, LEASE_BEGUN, END, STATE_KEPT -> kind;
        };
  }
}
