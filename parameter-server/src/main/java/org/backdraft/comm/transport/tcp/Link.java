package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Locale;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.RankContext;
import org.backdraft.comm.transport.Credentials;
import org.backdraft.comm.transport.PostedRanges;

/**
 * The connection to one peer: cuts posted sends into frames and puts arriving frames into posted
 * receives, as far as the non-blocking socket allows.
 *
 * <p>It reads ahead, up to one full frame, also when nothing is posted: so it learns at once that
 * the peer is gone. What it cannot place stays in the socket and slows the peer down.
 */
final class Link {
  /**
   * Floats in a frame. 256 KiB are copied, summed and written while they lie in the L2 cache; at 25
   * Gb/s a frame takes 84 µs, against which its header and two system calls do not count.
   */
  static final int FRAME_FLOATS = 1 << 16;

  static final int MAX_PAYLOAD_BYTES = FRAME_FLOATS * Float.BYTES;
  private static final int BUFFER_BYTES = FrameCodec.HEADER_BYTES + MAX_PAYLOAD_BYTES;
  private static final int HEADER_FLOATS = FrameCodec.HEADER_BYTES / Float.BYTES;

  private final int peer;
  private final Wire wire;
  private final SelectionKey key;
  private final FrameCodec codec;
  private final RankContext context;
  private final PostedRanges sends = new PostedRanges();
  private final PostedRanges receives = new PostedRanges();

  private final ByteBuffer out = buffer();
  private final FloatBuffer outFloats = out.asFloatBuffer();
  private int outBegin;
  private int outEnd;

  private final ByteBuffer in = buffer();
  private final FloatBuffer inFloats = in.asFloatBuffer();
  private int inBegin;
  private int inEnd;
  private boolean headerRead;
  private boolean silent;
  private boolean ended;
  private IOException endCause;

  Link(int peer, Wire wire, Selector selector, RankContext context, Credentials credentials)
      throws IOException {
    this.peer = peer;
    this.wire = wire;
    wire.expectBulk();
    this.context = context;
    String remote = "rank " + peer + " at " + Sockets.remote(wire.channel());
    codec = new FrameCodec(credentials, FrameCodec.KIND_FLOATS, MAX_PAYLOAD_BYTES, peer, remote);
    key = wire.channel().register(selector, SelectionKey.OP_READ, this);
  }

  private static ByteBuffer buffer() {
    return ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }

  int peer() {
    return peer;
  }

  void send(long step, float[] source, int begin, int end) {
    sends.add(step, source, begin, end);
  }

  void receive(long step, float[] target, int begin, int end) {
    receives.add(step, target, begin, end);
  }

  /** From here on it counts whether a byte of the posted receives has come. */
  void listen() {
    silent = !receives.isEmpty() && inBegin == inEnd;
  }

  /** Whether something is to be received and no byte has come since {@link #listen}. */
  boolean isSilent() {
    return silent;
  }

  /** Whether something posted is not done. */
  boolean isPending() {
    return !receives.isEmpty() || isSending();
  }

  private boolean isSending() {
    return !sends.isEmpty() || outBegin < outEnd || !wire.isFlushed();
  }

  /**
   * Throws if the peer has closed its end and something is pending, which then never ends. A peer
   * that has closed and is not needed is no failure: it may have finished.
   */
  void checkNotEnded() throws IOException {
    if (ended && isPending()) {
      throw new IOException(
          inBegin < inEnd
              ? "the peer closed the connection in the middle of a frame"
              : "the peer closed the connection",
          endCause);
    }
  }

  /** Tells the selector what to wait for. */
  void updateInterest() {
    int interest = isSending() ? SelectionKey.OP_WRITE : 0;
    if (!ended && inEnd < BUFFER_BYTES) {
      interest |= SelectionKey.OP_READ;
    }
    interest = wire.interest(interest);
    if (key.interestOps() != interest) {
      key.interestOps(interest);
    }
  }

  /** Writes what the socket takes; the number of bytes. */
  long write() throws IOException {
    long moved = 0;
    while (isSending()) {
      if (outBegin == outEnd && !sends.isEmpty()) {
        fillFrame();
      }
      out.limit(outEnd).position(outBegin);
      int written = wire.write(out);
      outBegin += written;
      moved += written;
      if (outBegin < outEnd || !wire.isFlushed()) {
        break;
      }
    }
    return moved;
  }

  private void fillFrame() {
    int begin = sends.begin();
    int count = Math.min(FRAME_FLOATS, sends.end() - begin);
    int bytes = count * Float.BYTES;
    outFloats.put(HEADER_FLOATS, sends.array(), begin, count);
    int checksum = codec.checksum(out.clear(), FrameCodec.HEADER_BYTES, bytes);
    codec.write(out.clear(), 0, 0, sends.step(), bytes, checksum);
    out.clear();
    outBegin = 0;
    outEnd = FrameCodec.HEADER_BYTES + bytes;
    // The range is in the buffer now, so the caller's array is free once the buffer is written.
    if (begin + count == sends.end()) {
      sends.remove();
    } else {
      sends.advanceTo(begin + count);
    }
  }

  /** Reads what has come and places it; the number of bytes. */
  long read() throws IOException {
    long moved = 0;
    place();
    while (!ended && inEnd < BUFFER_BYTES) {
      in.limit(BUFFER_BYTES).position(inEnd);
      int read = readSome();
      if (read < 0) {
        ended = true;
      }
      if (read <= 0) {
        break;
      }
      inEnd += read;
      moved += read;
      silent = false;
      place();
    }
    return moved;
  }

  private int readSome() {
    try {
      return wire.read(in);
    } catch (IOException e) {
      endCause = e; // a reset; whether it matters depends on what is pending
      return -1;
    }
  }

  /** Puts whole frames of the buffer into the posted receives. */
  private void place() throws CollectiveException {
    while (inEnd - inBegin >= FrameCodec.HEADER_BYTES) {
      if (!headerRead) {
        codec.read(in.clear(), inBegin);
        headerRead = true;
      }
      int frameBytes = FrameCodec.HEADER_BYTES + codec.length();
      if (receives.isEmpty() || inEnd - inBegin < frameBytes) {
        break;
      }
      placeFrame();
      inBegin += frameBytes;
      headerRead = false;
    }
    if (inBegin == inEnd) {
      inBegin = 0;
      inEnd = 0;
    } else if (inEnd == BUFFER_BYTES && inBegin > 0) {
      in.limit(inEnd).position(inBegin);
      in.compact();
      inEnd -= inBegin;
      inBegin = 0;
    }
  }

  private void placeFrame() throws CollectiveException {
    int begin = receives.begin();
    int count = Math.min(FRAME_FLOATS, receives.end() - begin);
    if (codec.length() != count * Float.BYTES || codec.step() != receives.step()) {
      throw new CollectiveException.WireFormat(
          peer,
          String.format(
              Locale.ROOT,
              "Rank %d of %d (attempt %d) expected a frame of %d bytes of step %d from rank %d: got"
                  + " %d bytes of step %d.",
              context.rank(),
              context.worldSize(),
              context.attempt(),
              count * Float.BYTES,
              receives.step(),
              peer,
              codec.length(),
              codec.step()));
    }
    int payload = inBegin + FrameCodec.HEADER_BYTES;
    codec.checkPayload(codec.checksum(in.clear(), payload, codec.length()));
    // Frames are multiples of 4 bytes long, so a payload always starts at a whole float.
    inFloats.get(payload / Float.BYTES, receives.array(), begin, count);
    if (begin + count == receives.end()) {
      receives.remove();
    } else {
      receives.advanceTo(begin + count);
    }
  }

  void close() {
    wire.close();
  }
}
