package org.backdraft.ps;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.backdraft.comm.transport.Message;

/**
 * Requests and answers as messages, little endian. The message's step is the clock.
 *
 * <pre>
 * request   number (8 bytes), epoch (4), worker (4), incarnation (4), block (4), then
 *   PUSH      sequence (4), rows (4, −1: all), each row (4), totals (4), each (4), elements (4), each (4)
 *   PULL      milliseconds to wait at most (4)
 *   MEASURES  milliseconds to wait at most (4), round (4)
 *   SETTLE    round (4), numbers (4), each (8)
 * answer    number of the request (8), number (8), worker (4), then
 *   VALUES    elements (4), each (4)
 *   MEASURES  numbers (4), each (8)
 *   REFUSED   bytes (4), UTF-8
 * </pre>
 *
 * <p>Counts are checked against what has come before memory is taken.
 */
final class ShardProtocol {
  static final int PUSH = 1;
  static final int PULL = 2;
  static final int COMPLETE = 3;
  static final int FINISH = 4;
  static final int JOIN = 5;
  static final int MEASURES = 6;
  static final int SETTLE = 7;

  private static final int HEADER_BYTES = 24;
  private static final int ANSWER_BYTES = 20;
  private static final int MAX_REASON_BYTES = 4096;

  /**
   * A request as it came.
   *
   * @param type one of the constants
   * @param number by which the answer is told from others
   * @param push with {@link #PUSH}, else null
   * @param waitMillis with {@link #PULL} and {@link #MEASURES}, else 0
   * @param round with {@link #MEASURES} and {@link #SETTLE}, else 0
   * @param known with {@link #SETTLE}, else empty
   */
  record Request(
      int type,
      long number,
      int epoch,
      int worker,
      int incarnation,
      long clock,
      int block,
      Push push,
      int waitMillis,
      int round,
      double[] known) {}

  private ShardProtocol() {}

  static Message push(long number, Push push, float[] values, int begin, int end, float[] totals) {
    int rows = push.rows() == null ? 0 : push.rows().length;
    byte[] bytes = new byte[HEADER_BYTES + 16 + Float.BYTES * (rows + totals.length + end - begin)];
    ByteBuffer out = header(bytes, number, push.epoch(), push.worker(), push.incarnation());
    out.putInt(push.block()).putInt(push.sequence());
    out.putInt(push.rows() == null ? -1 : rows);
    for (int i = 0; i < rows; i++) {
      out.putInt(push.rows()[i]);
    }
    putFloats(out, totals, 0, totals.length);
    putFloats(out, values, begin, end);
    return new Message(PUSH, push.clock(), bytes);
  }

  static Message pull(
      long number, int epoch, int worker, int incarnation, long clock, int block, int waitMillis) {
    byte[] bytes = new byte[HEADER_BYTES + 4];
    ByteBuffer out = header(bytes, number, epoch, worker, incarnation);
    out.putInt(block).putInt(waitMillis);
    return new Message(PULL, clock, bytes);
  }

  static Message measures(
      long number,
      int epoch,
      int worker,
      int incarnation,
      long clock,
      int block,
      int waitMillis,
      int round) {
    byte[] bytes = new byte[HEADER_BYTES + 8];
    ByteBuffer out = header(bytes, number, epoch, worker, incarnation);
    out.putInt(block).putInt(waitMillis).putInt(round);
    return new Message(MEASURES, clock, bytes);
  }

  static Message settle(
      long number, int epoch, int worker, int incarnation, long clock, int round, double[] known) {
    byte[] bytes = new byte[HEADER_BYTES + 8 + Double.BYTES * known.length];
    ByteBuffer out = header(bytes, number, epoch, worker, incarnation);
    out.putInt(-1).putInt(round);
    putDoubles(out, known);
    return new Message(SETTLE, clock, bytes);
  }

  /** A {@link #COMPLETE}, {@link #FINISH} or {@link #JOIN}. */
  static Message plain(int type, long number, int epoch, int worker, int incarnation, long clock) {
    byte[] bytes = new byte[HEADER_BYTES];
    ByteBuffer out = header(bytes, number, epoch, worker, incarnation);
    out.putInt(-1);
    return new Message(type, clock, bytes);
  }

  private static ByteBuffer header(
      byte[] bytes, long number, int epoch, int worker, int incarnation) {
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return out.putLong(number).putInt(epoch).putInt(worker).putInt(incarnation);
  }

  static Request request(Message message) throws IOException {
    ByteBuffer in = ByteBuffer.wrap(message.payload()).order(ByteOrder.LITTLE_ENDIAN);
    try {
      long number = in.getLong();
      int epoch = in.getInt();
      int worker = in.getInt();
      int incarnation = in.getInt();
      int block = in.getInt();
      Push push = null;
      int waitMillis = 0;
      int round = 0;
      double[] known = {};
      if (message.type() == PUSH) {
        int sequence = in.getInt();
        int count = in.getInt();
        int[] rows = count == -1 ? null : takeInts(in, count);
        float[] totals = takeFloats(in);
        float[] values = takeFloats(in);
        push =
            new Push(
                epoch, worker, incarnation, message.step(), block, sequence, rows, values, totals);
      } else if (message.type() == PULL) {
        waitMillis = in.getInt();
      } else if (message.type() == MEASURES) {
        waitMillis = in.getInt();
        round = in.getInt();
      } else if (message.type() == SETTLE) {
        round = in.getInt();
        known = takeDoubles(in);
      }
      if (in.hasRemaining() || message.type() < PUSH || message.type() > SETTLE) {
        throw new IOException(
            "A request must be of type [%d, %d] and end where it ends: got type %d, %d bytes over."
                .formatted(PUSH, SETTLE, message.type(), in.remaining()));
      }
      return new Request(
          message.type(),
          number,
          epoch,
          worker,
          incarnation,
          message.step(),
          block,
          push,
          waitMillis,
          round,
          known);
    } catch (BufferUnderflowException e) {
      throw new IOException(
          "A request must not end early: got %d bytes of type %d."
              .formatted(message.payload().length, message.type()),
          e);
    }
  }

  static Message answer(long number, long clock, Answer answer) {
    byte[] reason = answer.reason().getBytes(StandardCharsets.UTF_8);
    int reasonBytes = Math.min(reason.length, MAX_REASON_BYTES);
    int floats = answer.values().length;
    int length =
        ANSWER_BYTES
            + switch (answer.kind()) {
              case VALUES -> 4 + floats * Float.BYTES;
              case REFUSED -> 4 + reasonBytes;
              case MEASURES -> 4 + answer.measures().length * Double.BYTES;
              case DONE, JOINED, NOT_YET, BUSY -> 0;
            };
    byte[] bytes = new byte[length];
    ByteBuffer out = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    out.putLong(number).putLong(answer.number()).putInt(answer.worker());
    if (answer.kind() == Answer.Kind.VALUES) {
      putFloats(out, answer.values(), 0, floats);
    } else if (answer.kind() == Answer.Kind.MEASURES) {
      putDoubles(out, answer.measures());
    } else if (answer.kind() == Answer.Kind.REFUSED) {
      out.putInt(reasonBytes).put(reason, 0, reasonBytes);
    }
    return new Message(answer.kind().code, clock, bytes);
  }

  /** The number of the request that an answer is to. */
  static long number(Message answer) throws IOException {
    if (answer.payload().length < ANSWER_BYTES) {
      throw new IOException("An answer must not end early.");
    }
    return ByteBuffer.wrap(answer.payload()).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }

  static Answer answer(Message message) throws IOException {
    Answer.Kind kind = Answer.Kind.of(message.type());
    if (kind == null) {
      throw new IOException("An answer must be of a known type: got %d.".formatted(message.type()));
    }
    ByteBuffer in = ByteBuffer.wrap(message.payload()).order(ByteOrder.LITTLE_ENDIAN);
    try {
      in.position(8);
      long number = in.getLong();
      int worker = in.getInt();
      float[] values = kind == Answer.Kind.VALUES ? takeFloats(in) : new float[0];
      double[] measures = kind == Answer.Kind.MEASURES ? takeDoubles(in) : new double[0];
      String reason = "";
      if (kind == Answer.Kind.REFUSED) {
        byte[] bytes = new byte[count(in, in.getInt(), 1)];
        in.get(bytes);
        reason = new String(bytes, StandardCharsets.UTF_8);
      }
      return new Answer(kind, number, worker, values, measures, reason);
    } catch (BufferUnderflowException | IllegalArgumentException e) {
      throw new IOException("An answer must not end early.", e);
    }
  }

  private static void putFloats(ByteBuffer out, float[] values, int begin, int end) {
    out.putInt(end - begin);
    out.asFloatBuffer().put(values, begin, end - begin);
    out.position(out.position() + (end - begin) * Float.BYTES);
  }

  private static float[] takeFloats(ByteBuffer in) throws IOException {
    float[] values = new float[count(in, in.getInt(), Float.BYTES)];
    in.asFloatBuffer().get(values);
    in.position(in.position() + values.length * Float.BYTES);
    return values;
  }

  private static void putDoubles(ByteBuffer out, double[] numbers) {
    out.putInt(numbers.length);
    for (double each : numbers) {
      out.putDouble(each);
    }
  }

  private static double[] takeDoubles(ByteBuffer in) throws IOException {
    double[] numbers = new double[count(in, in.getInt(), Double.BYTES)];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = in.getDouble();
    }
    return numbers;
  }

  private static int[] takeInts(ByteBuffer in, int count) throws IOException {
    int[] values = new int[count(in, count, Integer.BYTES)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.getInt();
    }
    return values;
  }

  private static int count(ByteBuffer in, int count, int bytesEach) throws IOException {
    if (count < 0 || count > in.remaining() / bytesEach) {
      throw new IOException(
          "A count must lie in [0, %d], what has come: got %d."
              .formatted(in.remaining() / bytesEach, count));
    }
    return count;
  }
}
