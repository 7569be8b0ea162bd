package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;

/** The end that listens. Says nothing to a caller that is not of its run. */
final class CalleeHandshake extends Handshake {
  /** Which callers are welcome. */
  interface Welcome {
    /**
     * Whether {@code caller} may connect by this lane now; asked after the hello and again after
     * the proof.
     */
    boolean isExpected(int caller, int lane);
  }

  private enum State {
    READING_HELLO,
    SENDING_CHALLENGE,
    READING_PROOF,
    SENDING_VERDICT,
    SENDING_REFUSAL
  }

  private final int purpose;
  private final int rank;
  private final Welcome welcome;
  private final byte[] nonce = Proof.nonce();
  private State state = State.READING_HELLO;
  private Hello hello;
  private CollectiveException refusal;

  /**
   * @param rank of this end, {@link Hello#DRIVER} for the driver
   * @param address host:port of this end, as callers were told it
   */
  CalleeHandshake(
      Wire wire, Credentials credentials, int purpose, int rank, String address, Welcome welcome) {
    super(wire, credentials, address);
    this.purpose = purpose;
    this.rank = rank;
    this.welcome = welcome;
    expect(Hello.BYTES);
  }

  /** Whether the other end has at least named our run. */
  boolean isIntroduced() {
    return state != State.READING_HELLO;
  }

  /** The caller's rank, after the handshake. */
  int caller() {
    return hello.caller();
  }

  /** The lane, likewise. */
  int lane() {
    return hello.lane();
  }

  @Override
  boolean next() throws IOException {
    switch (state) {
      case READING_HELLO -> {
        hello = Hello.read(buffer);
        challenge();
      }
      case SENDING_CHALLENGE -> {
        expect(Proof.BYTES);
        state = State.READING_PROOF;
      }
      case READING_PROOF -> {
        checkProof();
        verdict();
      }
      case SENDING_VERDICT -> {
        return true;
      }
      case SENDING_REFUSAL -> throw refusal;
    }
    return false;
  }

  private void challenge() throws IOException {
    if (hello.runId() != credentials.runId()
        || hello.purpose() != purpose
        || hello.callee() != rank) {
      throw new CollectiveException.WireFormat(
          -1, "A caller must name this run, purpose and rank: got others.");
    }
    byte status = ACCEPTED;
    if (hello.attempt() != credentials.attempt()) {
      status = REFUSED_ATTEMPT;
      refusal =
          new CollectiveException.StaleAttempt(
              hello.caller(),
              "A caller must be of attempt %d: got one of attempt %d that calls itself rank %d."
                  .formatted(credentials.attempt(), hello.attempt(), hello.caller()));
    } else if (!welcome.isExpected(hello.caller(), hello.lane())) {
      status = REFUSED_RANK;
      refusal = unexpectedRank();
    }
    state = refusal == null ? State.SENDING_CHALLENGE : State.SENDING_REFUSAL;
    compose().putInt(CHALLENGE_MAGIC).put(status).put((byte) 0).putShort((short) 0);
    buffer.putInt(credentials.attempt()).put(nonce);
    // A refusal carries no proof: there is nothing to gain from one.
    buffer.put(
        refusal == null
            ? Proof.of(credentials, Proof.CALLEE, hello, nonce, boundTo())
            : new byte[Proof.BYTES]);
    sendNow();
  }

  private void checkProof() throws IOException {
    byte[] expected = Proof.of(credentials, Proof.CALLER, hello, nonce, boundTo());
    if (!Proof.equal(expected, take(Proof.BYTES))) {
      throw new CollectiveException.WireFormat(
          -1,
          "A caller must prove that it knows the secret of this attempt: got a wrong proof from one"
              + " that calls itself rank %d.".formatted(hello.caller()));
    }
  }

  private void verdict() {
    // Asked again: the same rank may have come by another connection meanwhile.
    boolean expected = welcome.isExpected(hello.caller(), hello.lane());
    refusal = expected ? null : unexpectedRank();
    state = expected ? State.SENDING_VERDICT : State.SENDING_REFUSAL;
    compose().putInt(VERDICT_MAGIC).put(expected ? ACCEPTED : REFUSED_RANK);
    buffer.put((byte) 0).putShort((short) 0);
    sendNow();
  }

  private CollectiveException unexpectedRank() {
    return new CollectiveException.WireFormat(
        hello.caller(),
        "A caller's rank must be one that is awaited: rank %d is not, or is connected already."
            .formatted(hello.caller()));
  }
}
