package org.backdraft.ps;

/**
 * What a shard says to a request.
 *
 * @param kind what became of it
 * @param number the clock that a {@code JOINED} worker goes on at, the version of {@code VALUES};
 *     how many milliseconds to wait after {@code BUSY}; the clock that {@code NOT_YET} waits for
 * @param worker who is waited for, with {@code NOT_YET} and {@code BUSY}; else −1
 * @param values of a block, with {@code VALUES}; else empty
 * @param measures of a block, with {@code MEASURES}; else empty
 * @param reason in words, with {@code REFUSED}; else empty
 */
record Answer(
    Kind kind, long number, int worker, float[] values, double[] measures, String reason) {
  /** The kinds. */
  enum Kind {
    /** Done, now or before. */
    DONE(64),
    /** The worker may go on. */
    JOINED(65),
    /** The values of a block. */
    VALUES(66),
    /** Others are too far behind: ask again. */
    NOT_YET(67),
    /** Too much is waiting to be summed: send it again later. */
    BUSY(68),
    /** Of another life of the table, of an earlier start of the worker, or nonsense. */
    REFUSED(69),
    /** What a block contributes to a round. */
    MEASURES(70);

    /** The message's type. */
    final int code;

    Kind(int code) {
      this.code = code;
    }

    /** The kind with that code, null if there is none. */
    static Kind of(int code) {
      for (Kind kind : values()) {
        if (kind.code == code) {
          return kind;
        }
      }
      return null;
    }
  }

  private static final float[] NO_VALUES = {};
  private static final double[] NO_MEASURES = {};
  static final Answer ACCEPTED = plain(Kind.DONE, 0, -1);

  private static Answer plain(Kind kind, long number, int worker) {
    return new Answer(kind, number, worker, NO_VALUES, NO_MEASURES, "");
  }

  static Answer joined(long clock) {
    return plain(Kind.JOINED, clock, -1);
  }

  static Answer values(long version, float[] values) {
    return new Answer(Kind.VALUES, version, -1, values, NO_MEASURES, "");
  }

  static Answer measures(double[] measures) {
    return new Answer(Kind.MEASURES, 0, -1, NO_VALUES, measures, "");
  }

  static Answer notYet(int worker, long clock) {
    return plain(Kind.NOT_YET, clock, worker);
  }

  static Answer busy(long retryMillis, int worker) {
    return plain(Kind.BUSY, retryMillis, worker);
  }

  static Answer refused(String reason) {
    return new Answer(Kind.REFUSED, 0, -1, NO_VALUES, NO_MEASURES, reason);
  }
}
