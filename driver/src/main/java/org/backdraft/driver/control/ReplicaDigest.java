package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * What a rank's weights are after a step, to be compared with those of the others.
 *
 * @param weightsSha256 as {@link Finish#weightsSha256}
 */
public record ReplicaDigest(String weightsSha256) {
  Message toMessage(long steps) {
    return new PayloadWriter(80).putText(weightsSha256).message(MessageKind.DIGEST, steps);
  }

  static ReplicaDigest of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.DIGEST, message);
    ReplicaDigest digest = new ReplicaDigest(in.readText());
    in.end();
    return digest;
  }
}
