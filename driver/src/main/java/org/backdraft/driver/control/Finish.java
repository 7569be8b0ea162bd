package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * How a worker ends well.
 *
 * @param weightsSha256 of its parameters and buffers, in hexadecimal digits
 * @param isComplete whether all is done; else the gang was told to stop
 */
public record Finish(String weightsSha256, boolean isComplete) {
  Message toMessage(long step) {
    return new PayloadWriter(80)
        .putText(weightsSha256)
        .putBoolean(isComplete)
        .message(MessageKind.FINISHED, step);
  }

  static Finish of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.FINISHED, message);
    Finish finish = new Finish(in.readText(), in.readBoolean());
    in.end();
    return finish;
  }
}
