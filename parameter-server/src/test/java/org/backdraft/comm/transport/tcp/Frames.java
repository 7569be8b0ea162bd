package org.backdraft.comm.transport.tcp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.backdraft.comm.transport.Credentials;

/** Whole frames, for tests that send them by hand. */
final class Frames {
  private Frames() {}

  static ByteBuffer floats(Credentials credentials, long step, float... values) {
    ByteBuffer frame = buffer(values.length * Float.BYTES);
    frame.position(FrameCodec.HEADER_BYTES);
    frame.slice().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(values);
    return finish(frame, credentials, FrameCodec.KIND_FLOATS, 0, step);
  }

  static ByteBuffer message(Credentials credentials, int type, byte... payload) {
    ByteBuffer frame = buffer(payload.length);
    frame.put(FrameCodec.HEADER_BYTES, payload);
    return finish(frame, credentials, FrameCodec.KIND_MESSAGE, type, 0);
  }

  /** A header alone that announces any length, with right checksums. */
  static ByteBuffer header(Credentials credentials, int kind, int length) {
    ByteBuffer frame = buffer(0);
    codec(credentials, kind).write(frame, 0, 0, 0, length, 0);
    return frame.clear();
  }

  /** A copy of all bytes of a frame. */
  static byte[] bytes(ByteBuffer frame) {
    byte[] bytes = new byte[frame.capacity()];
    frame.clear().get(0, bytes);
    return bytes;
  }

  static FrameCodec codec(Credentials credentials, int kind) {
    return new FrameCodec(credentials, kind, 1 << 20, 1, "test");
  }

  private static ByteBuffer buffer(int payloadBytes) {
    return ByteBuffer.allocate(FrameCodec.HEADER_BYTES + payloadBytes)
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  private static ByteBuffer finish(
      ByteBuffer frame, Credentials credentials, int kind, int type, long step) {
    int length = frame.capacity() - FrameCodec.HEADER_BYTES;
    FrameCodec codec = codec(credentials, kind);
    int checksum = codec.checksum(frame.clear(), FrameCodec.HEADER_BYTES, length);
    codec.write(frame.clear(), 0, type, step, length, checksum);
    return frame.clear();
  }
}
