package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * What the driver decides when an epoch is done.
 *
 * @param epoch that was done
 * @param goOn whether there is another one
 * @param rateScale what learning rates are multiplied by from then on
 */
public record Verdict(int epoch, boolean goOn, double rateScale) {
  Message toMessage() {
    return new PayloadWriter(16)
        .putInt(epoch)
        .putBoolean(goOn)
        .putDouble(rateScale)
        .message(MessageKind.VERDICT, 0);
  }

  static Verdict of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.VERDICT, message);
    Verdict verdict = new Verdict(in.readInt(), in.readBoolean(), in.readDouble());
    in.end();
    return verdict;
  }
}
