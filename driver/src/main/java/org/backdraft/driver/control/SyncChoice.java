package org.backdraft.driver.control;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.backdraft.comm.algorithm.AllReduceAlgorithm;
import org.backdraft.comm.probe.ProbeResult;
import org.backdraft.comm.transport.Message;

/**
 * How the gang sums; rank 0 tells it before the first step.
 *
 * @param algorithm of all ranks
 * @param reason why, for people
 * @param probe what was measured, if it was
 */
public record SyncChoice(AllReduceAlgorithm algorithm, String reason, Optional<ProbeResult> probe) {
  private static final int TIMING_BYTES = Integer.BYTES + 2 * Double.BYTES;
  private static final int LINK_BYTES = 2 * Integer.BYTES + 2 * Double.BYTES;

  Message toMessage() {
    PayloadWriter out =
        new PayloadWriter(1024)
            .putText(algorithm.word())
            .putText(reason)
            .putBoolean(probe.isPresent());
    probe.ifPresent(result -> put(out, result));
    return out.message(MessageKind.CHOICE, 0);
  }

  private static void put(PayloadWriter out, ProbeResult result) {
    out.putInt(result.elements()).putInt(result.shortElements()).putDouble(result.seconds());
    out.putInt(result.timings().size());
    for (ProbeResult.AlgorithmTime each : result.timings()) {
      out.putText(each.algorithm().word())
          .putDouble(each.longSeconds())
          .putDouble(each.shortSeconds());
    }
    out.putInt(result.adderBytesPerSecond().size());
    for (double each : result.adderBytesPerSecond()) {
      out.putDouble(each);
    }
    out.putInt(result.links().size());
    for (ProbeResult.LinkSpeed each : result.links()) {
      out.putInt(each.from())
          .putInt(each.to())
          .putDouble(each.bytesPerSecond())
          .putDouble(each.messageSeconds());
    }
  }

  static SyncChoice of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.CHOICE, message);
    AllReduceAlgorithm algorithm = algorithm(in);
    String reason = in.readText();
    Optional<ProbeResult> probe =
        in.readBoolean() ? Optional.of(probe(in, algorithm, reason)) : Optional.empty();
    in.end();
    return new SyncChoice(algorithm, reason, probe);
  }

  private static AllReduceAlgorithm algorithm(PayloadReader in) throws IOException {
    String word = in.readText();
    return AllReduceAlgorithm.named(word)
        .orElseThrow(() -> new IOException("No algorithm is named '" + word + "'."));
  }

  private static ProbeResult probe(PayloadReader in, AllReduceAlgorithm chosen, String reason)
      throws IOException {
    int elements = in.readInt("elements", 1, Integer.MAX_VALUE);
    int shortElements = in.readInt("short elements", 1, Integer.MAX_VALUE);
    double seconds = in.readDouble();
    List<ProbeResult.AlgorithmTime> timings = new ArrayList<>();
    for (int i = in.readCount(TIMING_BYTES); i > 0; i--) {
      timings.add(new ProbeResult.AlgorithmTime(algorithm(in), in.readDouble(), in.readDouble()));
    }
    List<Double> adders = new ArrayList<>();
    for (int i = in.readCount(Double.BYTES); i > 0; i--) {
      adders.add(in.readDouble());
    }
    List<ProbeResult.LinkSpeed> links = new ArrayList<>();
    for (int i = in.readCount(LINK_BYTES); i > 0; i--) {
      links.add(
          new ProbeResult.LinkSpeed(in.readInt(), in.readInt(), in.readDouble(), in.readDouble()));
    }
    return new ProbeResult(
        chosen, reason, elements, shortElements, timings, adders, links, seconds);
  }
}
