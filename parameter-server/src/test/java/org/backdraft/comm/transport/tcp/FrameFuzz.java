package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;

/** Frames whose checksums are put right, so that what lies behind them is reached. */
public final class FrameFuzz {
  private static final Credentials CREDENTIALS = Mesh.credentials(2);

  private FrameFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws CollectiveException {
    int header = FrameCodec.HEADER_BYTES;
    int payload = Math.max(0, bytes.length - header);
    ByteBuffer frame = ByteBuffer.allocate(header + payload).order(ByteOrder.LITTLE_ENDIAN);
    frame.put(bytes);
    FrameCodec codec = Frames.codec(CREDENTIALS, FrameCodec.KIND_MESSAGE);
    int ofPayload = codec.checksum(frame, header, payload);
    frame.clear().putInt(header - 8, ofPayload);
    int ofHeader = codec.checksum(frame, 0, header - 4);
    frame.clear().putInt(header - 4, ofHeader);
    try {
      codec.read(frame.clear(), 0);
      assertThat(codec.length()).isBetween(0, 1 << 20);
      assertThat(codec.type()).isBetween(0, 255);
      if (codec.length() <= payload) {
        codec.checkPayload(codec.checksum(frame, header, codec.length()));
      }
    } catch (CollectiveException.WireFormat | CollectiveException.StaleAttempt expected) {
      assertThat(expected.getMessage()).isNotEmpty();
    }
  }
}
