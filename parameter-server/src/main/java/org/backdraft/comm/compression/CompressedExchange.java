package org.backdraft.comm.compression;

import java.util.Arrays;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.Collectives;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.algorithm.Adder;
import org.backdraft.comm.transport.Transport;
import org.backdraft.tensor.Checks;
import org.backdraft.tensor.ParameterBlocks;

/**
 * Reduce-scatter for any world size N in which gradients travel encoded: each rank sends the owner
 * of a chunk the form of its own sum over that chunk; the owner decodes and adds in the order of
 * the ranks, in float32. What an owner has itself is added as it is.
 *
 * <p>A rank's own sum adds its subtrees from left to right. The sum of an element is {@code ((d_0 +
 * d_1 + … + d_(r-1)) + own) + d_(r+1) + …} for owner r.
 *
 * <p><b>Communication steps</b>: 1 for each piece of a chunk, with N−1 messages. <b>Bytes on the
 * wire</b>, sent per rank for S bytes: c·S·(N−1)/N, c the codec's size of a value over that of a
 * float. <b>Additions</b>: n·(s_r−1), then n·(N−1)/N; n·(N−1)/N values are encoded and as many
 * decoded, with error feedback decoded twice. <b>Scratch</b>: 2·(N−1) forms of a piece, and a
 * piece.
 *
 * <p><b>Source</b>: the exchange of Seide et al. 2014, <em>1-bit stochastic gradient descent and
 * its application to data-parallel distributed training of speech DNNs</em>, §3.3; that the
 * aggregate is not quantized again is our departure.
 */
final class CompressedExchange {
  private final Transport transport;
  private final RankContext context;
  private final Adder adder;
  private final Codec codec;
  private final ErrorFeedback feedback;
  private final Chunks.Known chunks;
  private final int piece;
  private float[] sent = {};
  private float[] received = {};
  private float[] before = {};

  /**
   * @param segment elements that a gang exchanges at once, whole blocks
   */
  CompressedExchange(
      Transport transport,
      Adder adder,
      Collectives owners,
      Codec codec,
      ErrorFeedback feedback,
      int segment) {
    Checks.argument(
        segment >= ParameterBlocks.SIZE && segment % ParameterBlocks.SIZE == 0,
        "A segment must be a multiple of %d elements: got %d.",
        ParameterBlocks.SIZE,
        segment);
    this.transport = transport;
    this.adder = adder;
    this.codec = codec;
    this.feedback = feedback;
    context = transport.context();
    chunks = new Chunks.Known(owners, context.worldSize());
    int blocks = segment / ParameterBlocks.SIZE / context.worldSize();
    piece = Math.max(1, blocks) * ParameterBlocks.SIZE;
  }

  /**
   * Sums {@code [begin, border)} of all ranks; the finished sums lie in {@code sums[0]}, in what
   * this rank owns.
   *
   * @param end of the range that says who owns what, at least {@code border}
   */
  void run(float[][] sums, int begin, int end, int border, long step) throws CollectiveException {
    for (int i = 1; i < sums.length; i++) {
      adder.add(sums[0], begin, sums[i], begin, border - begin);
    }
    Chunks cut = chunks.of(begin, end, border);
    int lo = cut.from(context.rank());
    int hi = cut.to(context.rank());
    feedback.settle(sums[0], lo, hi - lo);
    for (long at = 0; at < cut.longest(); at += piece) {
      int offset = (int) at;
      int length = Math.max(0, Math.min(piece, hi - lo - offset));
      send(sums[0], cut, offset, step);
      receive(length, step);
      transport.await("compressed reduce-scatter");
      if (length > 0) {
        add(sums[0], lo + offset, length);
      }
    }
  }

  private void send(float[] values, Chunks cut, int offset, long step) {
    int worldSize = context.worldSize();
    int form = codec.encodedLength(Math.min(piece, cut.longest() - offset));
    if (sent.length < form * (worldSize - 1)) {
      sent = new float[form * (worldSize - 1)];
    }
    int at = 0;
    // Each rank starts with its successor, so that no owner is everybody's first target.
    for (int k = 1; k < worldSize; k++) {
      int owner = (context.rank() + k) % worldSize;
      int from = cut.from(owner) + offset;
      int length = Math.min(piece, cut.to(owner) - from);
      if (length > 0) {
        feedback.encode(values, from, length, sent, at);
        int next = at + codec.encodedLength(length);
        transport.send(owner, step, sent, at, next);
        at = next;
      }
    }
  }

  private void receive(int length, long step) {
    if (length == 0) {
      return;
    }
    int worldSize = context.worldSize();
    int form = codec.encodedLength(length);
    if (received.length < form * worldSize) {
      received = new float[form * worldSize];
    }
    for (int k = 1; k < worldSize; k++) {
      int peer = (context.rank() - k + worldSize) % worldSize;
      transport.receive(peer, step, received, peer * form, (peer + 1) * form);
    }
  }

  private void add(float[] values, int at, int length) throws CollectiveException {
    int rank = context.rank();
    if (rank > 0) {
      if (before.length < length) {
        before = new float[length];
      }
      Arrays.fill(before, 0, length, 0);
      for (int peer = 0; peer < rank; peer++) {
        decode(peer, before, 0, length);
      }
      adder.add(values, at, before, 0, length);
    }
    for (int peer = rank + 1; peer < context.worldSize(); peer++) {
      decode(peer, values, at, length);
    }
  }

  private void decode(int peer, float[] target, int at, int length) throws CollectiveException {
    int form = codec.encodedLength(length);
    try {
      codec.addDecoded(received, peer * form, target, at, length, 1);
    } catch (IllegalArgumentException e) {
      throw new CollectiveException.WireFormat(
          peer,
          "Rank %d of %d (attempt %d) got gradients from rank %d that it cannot decode: %s"
              .formatted(
                  context.rank(), context.worldSize(), context.attempt(), peer, e.getMessage()),
          e);
    }
  }
}
