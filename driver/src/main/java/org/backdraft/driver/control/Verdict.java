package org.backdraft.driver.control;

import java.io.IOException;
import org.backdraft.comm.transport.Message;

/**
 * What the driver decides when an epoch is done.
 *
 * @param epoch that was done
 * @param goOn whether there is another one
 * @param keepsWeights whether rank 0 is to send the weights that were evaluated, before it goes on
 * @param rateScale what learning rates are multiplied by from then on
 */
public record Verdict(int epoch, boolean goOn, boolean keepsWeights, double rateScale) {
  Message toMessage() {
    return new PayloadWriter(16)
        .putInt(epoch)
        .putBoolean(goOn)
        .putBoolean(keepsWeights)
        .putDouble(rateScale)
        .message(MessageKind.VERDICT, 0);
  }

  static Verdict of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.VERDICT, message);
    Verdict verdict =
        new Verdict(in.readInt(), in.readBoolean(), in.readBoolean(), in.readDouble());
    in.end();
    return verdict;
  }
}
