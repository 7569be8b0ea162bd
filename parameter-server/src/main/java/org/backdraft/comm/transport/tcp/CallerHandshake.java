package org.backdraft.comm.transport.tcp;

import java.io.IOException;
import java.util.Locale;
import org.backdraft.comm.CollectiveException;
import org.backdraft.comm.transport.Credentials;

/** The end that dialed. */
final class CallerHandshake extends Handshake {
  private enum State {
    SENDING_HELLO,
    READING_CHALLENGE,
    SENDING_PROOF,
    READING_VERDICT
  }

  private final Hello hello;
  private State state = State.SENDING_HELLO;

  /**
   * @param address host:port of the callee, as it knows it itself
   */
  CallerHandshake(Wire wire, Credentials credentials, Hello hello, String address) {
    super(wire, credentials, address);
    this.hello = hello;
    hello.write(compose());
    sendNow();
  }

  @Override
  boolean next() throws IOException {
    switch (state) {
      case SENDING_HELLO -> {
        expect(CHALLENGE_BYTES);
        state = State.READING_CHALLENGE;
      }
      case READING_CHALLENGE -> {
        answer();
        state = State.SENDING_PROOF;
      }
      case SENDING_PROOF -> {
        expect(VERDICT_BYTES);
        state = State.READING_VERDICT;
      }
      case READING_VERDICT -> {
        checkMagic(VERDICT_MAGIC);
        checkStatus(buffer.get());
        return true;
      }
    }
    return false;
  }

  private void answer() throws IOException {
    checkMagic(CHALLENGE_MAGIC);
    byte status = buffer.get();
    buffer.position(8);
    int attempt = buffer.getInt();
    if (status == REFUSED_ATTEMPT) {
      throw new CollectiveException.StaleAttempt(
          hello.callee(),
          String.format(
              Locale.ROOT,
              "Attempt %d must be the running one: %s is at attempt %d and refused rank %d.",
              hello.attempt(),
              address,
              attempt,
              hello.caller()));
    }
    checkStatus(status);
    byte[] nonce = take(Hello.NONCE_BYTES);
    byte[] proof = take(Proof.BYTES);
    if (!Proof.equal(Proof.of(credentials, Proof.CALLEE, hello, nonce, boundTo()), proof)) {
      throw new CollectiveException.WireFormat(
          hello.callee(),
          "%s must prove that it knows the secret of this attempt: it sent a wrong proof."
              .formatted(address));
    }
    compose().put(Proof.of(credentials, Proof.CALLER, hello, nonce, boundTo()));
    sendNow();
  }

  private void checkMagic(int magic) throws CollectiveException {
    int found = buffer.getInt();
    if (found != magic) {
      throw new CollectiveException.WireFormat(
          hello.callee(),
          "%s must answer a handshake with %08x: got %08x. Does another program listen there?"
              .formatted(address, magic, found));
    }
  }

  private void checkStatus(byte status) throws CollectiveException {
    if (status != ACCEPTED) {
      throw new CollectiveException.WireFormat(
          hello.callee(),
          "%s refused rank %d: no such rank, or it is connected already (status %d)."
              .formatted(address, hello.caller(), status));
    }
  }
}
