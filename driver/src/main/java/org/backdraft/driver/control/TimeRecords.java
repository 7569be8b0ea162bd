package org.backdraft.driver.control;

import java.io.IOException;
import java.util.Arrays;
import org.backdraft.comm.transport.Message;

/**
 * Where the time of a rank's steps went since its last message, and what it pushed to shards; every
 * rank tells it. 28 bytes for each step. Grows as needed and is reused; not thread-safe.
 */
public final class TimeRecords {
  /** The parts of a step's time, in the order of their transmission. */
  public enum Part {
    /** Forward, backward, update. */
    COMPUTE(0),
    /** Exchange with peers that computing did not hide. */
    COMMUNICATION(1),
    /** Until the slowest peer had entered an exchange. */
    WAITING(2),
    /** Until a batch was ready. */
    DATA(3);

    private final int place;

    Part(int place) {
      this.place = place;
    }
  }

  private static final int PARTS = Part.values().length;
  private static final int ENTRY_BYTES = Long.BYTES + (PARTS + 1) * Float.BYTES;

  private int count;
  private long[] steps = new long[256];
  private float[] nanos = new float[256 * PARTS];
  private float[] pushedBytes = new float[256];

  /**
   * Adds a step.
   *
   * @param step from 0
   * @param computeNanos and the others: the {@link Part}s, at least 0; kept to 24 bits
   * @param pushed bytes to the shards of a parameter server; likewise
   */
  public void add(
      long step,
      long computeNanos,
      long communicationNanos,
      long waitingNanos,
      long dataNanos,
      long pushed) {
    if (count == steps.length) {
      steps = Arrays.copyOf(steps, 2 * count);
      nanos = Arrays.copyOf(nanos, 2 * count * PARTS);
      pushedBytes = Arrays.copyOf(pushedBytes, 2 * count);
    }
    steps[count] = step;
    int at = count * PARTS;
    nanos[at] = computeNanos;
    nanos[at + 1] = communicationNanos;
    nanos[at + 2] = waitingNanos;
    nanos[at + 3] = dataNanos;
    pushedBytes[count] = pushed;
    count++;
  }

  public void clear() {
    count = 0;
  }

  public int count() {
    return count;
  }

  public long step(int i) {
    return steps[i];
  }

  /** A part of entry {@code i}, in nanoseconds. */
  public float nanos(int i, Part part) {
    return nanos[i * PARTS + part.place];
  }

  /** Bytes that were pushed to shards in entry {@code i}. */
  public float pushedBytes(int i) {
    return pushedBytes[i];
  }

  Message toMessage() {
    PayloadWriter out = new PayloadWriter(Integer.BYTES + count * ENTRY_BYTES).putInt(count);
    for (int i = 0; i < count; i++) {
      out.putLong(steps[i]).putFloats(nanos, i * PARTS, PARTS).putFloats(pushedBytes, i, 1);
    }
    return out.message(MessageKind.TIMES, count == 0 ? 0 : steps[count - 1]);
  }

  static TimeRecords of(Message message) throws IOException {
    PayloadReader in = new PayloadReader(MessageKind.TIMES, message);
    int count = in.readCount(ENTRY_BYTES);
    TimeRecords records = new TimeRecords();
    float[] entry = new float[PARTS + 1];
    for (int i = 0; i < count; i++) {
      long step = in.readLong();
      in.readFloats(entry, 0, PARTS + 1);
      for (float each : entry) {
        if (!(each >= 0 && each < Long.MAX_VALUE)) {
          throw new IOException(
              "A TIMES message must hold numbers of nanoseconds and bytes: got %s in step %d."
                  .formatted(each, step));
        }
      }
      records.add(
          step,
          (long) entry[0],
          (long) entry[1],
          (long) entry[2],
          (long) entry[3],
          (long) entry[4]);
    }
    in.end();
    return records;
  }
}
