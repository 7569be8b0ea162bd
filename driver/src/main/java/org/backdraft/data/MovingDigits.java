package org.backdraft.data;

import java.util.List;
import org.backdraft.random.CounterRandom;
import org.backdraft.tensor.Shape;

/**
 * {@code moving-digits:}: clips of a digit that moves in one of eight directions, which is the
 * class; whatever leaves the picture comes in again at the other side.
 *
 * <p>Options: {@code train} (2000), {@code val} (400), {@code frames} (16), {@code side} (32
 * pixels), {@code seed} (7). The digit is one of {@code digits:}, its place random, its step from
 * frame to frame 1 or 2 pixels along each axis that it moves along.
 *
 * @param frames of a clip
 * @param side pixels of a frame's side
 * @param key of the random numbers
 */
record MovingDigits(int frames, int side, long key) implements GeneratedSource.Maker {
  private static final long serialVersionUID = 1L;

  /** The clips' own stream of random numbers: "clips" in ASCII. */
  private static final long OPERATION = 0x63_6c_69_70_73L;

  private static final List<String> DIRECTIONS =
      List.of("right", "down-right", "down", "down-left", "left", "up-left", "up", "up-right");
  private static final int[] RIGHT = {1, 1, 0, -1, -1, -1, 0, 1};
  private static final int[] DOWN = {0, 1, 1, 1, 0, -1, -1, -1};

  static DataSource open(String text, Split split) {
    String uri = "moving-digits:" + text;
    SourceOptions options =
        SourceOptions.parse(uri, text, "train", "val", "frames", "side", "seed");
    long train = options.whole("train", 2000, 1, Integer.MAX_VALUE / 8);
    long validation = options.whole("val", 400, 1, Integer.MAX_VALUE / 8);
    int frames = (int) options.whole("frames", 16, 2, 256);
    int side = (int) options.whole("side", 32, DigitPainter.SIDE, 512);
    long seed = options.whole("seed", 7, Long.MIN_VALUE, Long.MAX_VALUE);
    return new GeneratedSource(
        uri,
        new ByteRecords(Shape.of(1, frames, side, side)),
        DIRECTIONS,
        split == Split.TRAIN ? train : validation,
        new MovingDigits(frames, side, GeneratedSource.key(seed, split, OPERATION)));
  }

  @Override
  public int bytes() {
    return frames * side * side;
  }

  @Override
  public GeneratedSource.Writer writer() {
    DigitPainter painter = new DigitPainter(key, DigitPainter.ALL);
    byte[] digit = new byte[DigitPainter.PIXELS];
    return (id, target, base) -> {
      int unused = painter.paint(id, digit, 0);
      int bits = CounterRandom.bits(key, id, -1);
      int direction = (bits >>> 29) & 7;
      int speed = 1 + ((bits >>> 28) & 1);
      int left = ((bits >>> 14) & 0x3fff) % side;
      int top = (bits & 0x3fff) % side;
      for (int frame = 0; frame < frames; frame++) {
        int x0 = left + frame * speed * RIGHT[direction];
        int y0 = top + frame * speed * DOWN[direction];
        for (int y = 0; y < DigitPainter.SIDE; y++) {
          int row = base + (frame * side + Math.floorMod(y0 + y, side)) * side;
          for (int x = 0; x < DigitPainter.SIDE; x++) {
            target[row + Math.floorMod(x0 + x, side)] = digit[y * DigitPainter.SIDE + x];
          }
        }
      }
      return direction;
    };
  }
}
