package org.backdraft.comm.transport.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;

/**
 * The handshake with somebody who does not have the secret. The first byte says who that is: one
 * who calls, one who was dialed, or one between both ends who changes bytes.
 */
public final class HandshakeFuzz {
  static final int CALLS = 0;
  static final int IS_DIALED = 1;
  static final int CHANGES = 2;

  private static final Credentials CREDENTIALS = Mesh.credentials(2);
  private static final String ADDRESS = "127.0.0.1:4711";

  private HandshakeFuzz() {}

  public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(bytes, 1, bytes.length);
    switch (bytes[0]) {
      case CALLS -> assertRefused(callee(FedWire.of(rest)));
      case IS_DIALED -> assertRefused(caller(FedWire.of(rest)));
      case CHANGES -> changed(rest);
      default -> {}
    }
  }

  private static CalleeHandshake callee(Wire wire) {
    return new CalleeHandshake(
        wire,
        CREDENTIALS,
        Hello.CONTROL,
        1,
        ADDRESS,
        (caller, lane) -> caller >= 2 && caller <= 3 && lane <= 1);
  }

  private static CallerHandshake caller(Wire wire) {
    Hello hello =
        new Hello(
            Hello.CONTROL, 1, CREDENTIALS.runId(), CREDENTIALS.attempt(), 3, 1, Proof.nonce());
    return new CallerHandshake(wire, CREDENTIALS, hello, ADDRESS);
  }

  private static void assertRefused(Handshake handshake) throws IOException {
    try {
      assertThat(handshake.advance()).isFalse();
    } catch (CollectiveException.WireFormat
        | CollectiveException.StaleAttempt
        | EOFException expected) {
      assertThat(expected.getMessage()).isNotEmpty();
    }
  }

  /**
   * Each three bytes are a place in what flows, to the caller if it is odd, and what is added to
   * the byte there.
   */
  private static void changed(byte[] changes) throws IOException {
    FedWire toCallee = FedWire.open();
    FedWire toCaller = FedWire.open();
    toCallee.connect(toCaller);
    for (int i = 0; i + 2 < changes.length; i += 3) {
      int place = ((changes[i] & 0xff) << 8) | (changes[i + 1] & 0xff);
      ((place & 1) == 0 ? toCallee : toCaller).change(place >> 1, changes[i + 2]);
    }
    CalleeHandshake callee = callee(toCallee);
    CallerHandshake caller = caller(toCaller);
    boolean isCalleeDone = false;
    boolean isCallerDone = false;
    try {
      for (int turn = 0; turn < 8; turn++) {
        isCallerDone = isCallerDone || caller.advance();
        isCalleeDone = isCalleeDone || callee.advance();
      }
    } catch (CollectiveException.WireFormat | CollectiveException.StaleAttempt expected) {
      assertThat(expected.getMessage()).isNotEmpty();
      assertThat(changes).as("what was changed").hasSizeGreaterThan(2);
      return;
    }
    assertThat(isCalleeDone).as("the callee is done").isTrue();
    assertThat(isCallerDone).as("the caller is done").isTrue();
    assertThat(callee.caller()).isEqualTo(3);
    assertThat(callee.lane()).isEqualTo(1);
  }
}
