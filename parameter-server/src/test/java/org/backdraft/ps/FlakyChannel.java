package org.backdraft.ps;

import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.backdraft.comm.transport.Message;
import org.backdraft.comm.transport.MessageChannel;

/** Loses, doubles and reorders a tenth each of what is sent through it. */
final class FlakyChannel implements MessageChannel {
  private final MessageChannel channel;
  private final Random random;
  private Message held;

  FlakyChannel(MessageChannel channel, long seed) {
    this.channel = channel;
    random = new Random(seed);
  }

  @Override
  public String remote() {
    return channel.remote();
  }

  @Override
  public synchronized void send(Message message, Duration timeout) throws IOException {
    int chance = random.nextInt(10);
    Message before = held;
    held = null;
    if (chance == 0) {
      return; // lost; what was held too
    }
    if (chance == 1) {
      held = message; // comes after the next one
    } else {
      channel.send(message, timeout);
    }
    if (chance == 2) {
      channel.send(message, timeout);
    }
    if (before != null) {
      channel.send(before, timeout);
    }
  }

  @Override
  public Message receive(Duration timeout) throws IOException {
    return channel.receive(timeout);
  }

  @Override
  public void close() {
    channel.close();
  }
}
