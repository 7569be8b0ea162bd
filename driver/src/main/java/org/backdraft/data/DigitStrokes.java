package org.backdraft.data;

import java.util.ArrayList;
import java.util.List;

/**
 * How people write the ten digits: for each digit a few variants, each a row of strokes, each
 * stroke a polyline in the unit square (x to the right, y down).
 *
 * <p>Drawn for Backdraft; no font and no handwriting was copied.
 */
final class DigitStrokes {
  /** Degrees of an arc that one segment spans. */
  private static final double DEGREES_PER_SEGMENT = 24;

  /** The longest piece of a line. */
  private static final double LONGEST_PIECE = 0.11;

  /** {@code strokes[digit][variant][stroke]} is x0, y0, x1, y1, … */
  private final double[][][][] strokes;

  DigitStrokes() {
    strokes =
        new double[][][][] {
          zero(), one(), two(), three(), four(), five(), six(), seven(), eight(), nine()
        };
  }

  /** The number of ways to write a digit. */
  int variants(int digit) {
    return strokes[digit].length;
  }

  /** The strokes of one way to write a digit; not to be changed. */
  double[][] of(int digit, int variant) {
    return strokes[digit][variant];
  }

  private static double[][][] zero() {
    return new double[][][] {
      {new Pen().arc(0.5, 0.5, 0.30, 0.47, -80, 290).stroke()},
      {new Pen().arc(0.5, 0.5, 0.38, 0.42, -100, 250).stroke()},
      {new Pen().arc(0.5, 0.5, 0.24, 0.48, -60, 285).stroke()},
    };
  }

  private static double[][][] one() {
    return new double[][][] {
      {new Pen().line(0.5, 0.02, 0.5, 0.98).stroke()},
      {new Pen().line(0.30, 0.26, 0.53, 0.03).to(0.53, 0.98).stroke()},
      {
        new Pen().line(0.30, 0.24, 0.52, 0.03).to(0.52, 0.96).stroke(),
        new Pen().line(0.28, 0.97, 0.76, 0.97).stroke()
      },
    };
  }

  private static double[][][] two() {
    return new double[][][] {
      {new Pen().arc(0.48, 0.28, 0.30, 0.26, 190, 395).to(0.17, 0.95).to(0.85, 0.95).stroke()},
      {
        new Pen()
            .arc(0.48, 0.27, 0.29, 0.25, 200, 400)
            .to(0.33, 0.80)
            .arc(0.27, 0.87, 0.11, 0.09, 30, 330)
            .to(0.52, 0.90)
            .to(0.86, 0.96)
            .stroke()
      },
      {
        new Pen()
            .line(0.20, 0.20, 0.32, 0.06)
            .arc(0.52, 0.28, 0.26, 0.25, 235, 380)
            .to(0.62, 0.62)
            .to(0.20, 0.93)
            .to(0.50, 0.90)
            .to(0.84, 0.93)
            .stroke()
      },
    };
  }

  private static double[][][] three() {
    return new double[][][] {
      {
        new Pen()
            .arc(0.46, 0.27, 0.29, 0.23, 205, 440)
            .arc(0.46, 0.73, 0.33, 0.24, -80, 150)
            .stroke()
      },
      {
        new Pen()
            .line(0.20, 0.06, 0.76, 0.06)
            .to(0.46, 0.42)
            .arc(0.46, 0.69, 0.32, 0.27, -80, 145)
            .stroke()
      },
      {
        new Pen()
            .arc(0.45, 0.25, 0.25, 0.21, 215, 430)
            .to(0.38, 0.47)
            .arc(0.44, 0.73, 0.30, 0.25, -95, 160)
            .stroke()
      },
    };
  }

  private static double[][][] four() {
    return new double[][][] {
      {
        new Pen().line(0.24, 0.04, 0.18, 0.55).to(0.84, 0.55).stroke(),
        new Pen().line(0.72, 0.06, 0.70, 0.97).stroke()
      },
      {new Pen().line(0.66, 0.97, 0.66, 0.03).to(0.12, 0.65).to(0.90, 0.65).stroke()},
      {
        new Pen()
            .line(0.22, 0.08, 0.20, 0.38)
            .arc(0.42, 0.40, 0.22, 0.14, 170, 60)
            .to(0.74, 0.45)
            .stroke(),
        new Pen().line(0.76, 0.04, 0.72, 0.50).to(0.66, 0.97).stroke()
      },
    };
  }

  private static double[][][] five() {
    return new double[][][] {
      {
        new Pen()
            .line(0.80, 0.05, 0.28, 0.05)
            .to(0.24, 0.44)
            .arc(0.46, 0.68, 0.32, 0.28, -125, 140)
            .stroke()
      },
      {
        new Pen().line(0.32, 0.07, 0.26, 0.45).arc(0.42, 0.69, 0.33, 0.27, -100, 130).stroke(),
        new Pen().line(0.32, 0.07, 0.82, 0.04).stroke()
      },
      {
        new Pen()
            .line(0.78, 0.08, 0.36, 0.06)
            .to(0.28, 0.38)
            .to(0.52, 0.42)
            .arc(0.48, 0.68, 0.29, 0.26, -70, 150)
            .stroke()
      },
    };
  }

  private static double[][][] six() {
    return new double[][][] {
      {
        new Pen()
            .arc(0.72, 0.62, 0.52, 0.60, 262, 185)
            .arc(0.48, 0.71, 0.27, 0.25, 180, -185)
            .stroke()
      },
      {new Pen().line(0.62, 0.03, 0.34, 0.38).arc(0.48, 0.70, 0.28, 0.27, 210, -160).stroke()},
      {
        new Pen()
            .arc(0.62, 0.50, 0.38, 0.46, 280, 150)
            .arc(0.50, 0.76, 0.24, 0.20, 130, -170)
            .stroke()
      },
    };
  }

  private static double[][][] seven() {
    return new double[][][] {
      {new Pen().line(0.16, 0.06, 0.82, 0.06).to(0.42, 0.97).stroke()},
      {
        new Pen().line(0.16, 0.08, 0.82, 0.06).to(0.40, 0.97).stroke(),
        new Pen().line(0.36, 0.50, 0.80, 0.48).stroke()
      },
      {
        new Pen().line(0.18, 0.20, 0.20, 0.08).to(0.80, 0.08).to(0.58, 0.46).to(0.46, 0.97).stroke()
      },
    };
  }

  private static double[][][] eight() {
    return new double[][][] {
      {
        new Pen().arc(0.5, 0.26, 0.24, 0.23, 90, 450).stroke(),
        new Pen().arc(0.5, 0.73, 0.29, 0.25, -90, 270).stroke()
      },
      {
        new Pen()
            .arc(0.5, 0.26, 0.25, 0.22, -30, -230)
            .to(0.64, 0.60)
            .arc(0.5, 0.74, 0.26, 0.23, -30, 205)
            .to(0.36, 0.58)
            .to(0.72, 0.16)
            .stroke()
      },
      {
        new Pen()
            .arc(0.5, 0.27, 0.22, 0.24, -60, -260)
            .arc(0.48, 0.74, 0.28, 0.24, -75, 255)
            .to(0.62, 0.42)
            .to(0.66, 0.12)
            .stroke()
      },
    };
  }

  private static double[][][] nine() {
    return new double[][][] {
      {
        new Pen().arc(0.48, 0.28, 0.26, 0.25, -20, -380).to(0.72, 0.97).stroke(),
      },
      {
        new Pen()
            .arc(0.48, 0.29, 0.27, 0.25, -15, -375)
            .arc(0.26, 0.42, 0.49, 0.54, -15, 75)
            .stroke()
      },
      {
        new Pen().arc(0.45, 0.28, 0.24, 0.24, -40, -395).to(0.70, 0.10).to(0.56, 0.97).stroke(),
      },
    };
  }

  /** Draws one stroke, point after point. */
  private static final class Pen {
    private final List<Double> points = new ArrayList<>();

    Pen line(double x0, double y0, double x1, double y1) {
      return to(x0, y0).to(x1, y1);
    }

    /**
     * A straight line, in pieces about as long as those of arcs, so that it can waver as they do.
     */
    Pen to(double x, double y) {
      int size = points.size();
      if (size >= 2) {
        double x0 = points.get(size - 2);
        double y0 = points.get(size - 1);
        double length = StrictMath.sqrt((x - x0) * (x - x0) + (y - y0) * (y - y0));
        int pieces = (int) StrictMath.ceil(length / LONGEST_PIECE);
        for (int i = 1; i < pieces; i++) {
          point(x0 + (x - x0) * i / pieces, y0 + (y - y0) * i / pieces);
        }
      }
      point(x, y);
      return this;
    }

    private void point(double x, double y) {
      points.add(x);
      points.add(y);
    }

    /** An arc of an ellipse, in degrees; 0 points right and 90 points down. */
    Pen arc(double cx, double cy, double rx, double ry, double from, double to) {
      int segments = (int) StrictMath.ceil(StrictMath.abs(to - from) / DEGREES_PER_SEGMENT);
      for (int i = 0; i <= segments; i++) {
        double angle = StrictMath.toRadians(from + (to - from) * i / segments);
        to(cx + rx * StrictMath.cos(angle), cy + ry * StrictMath.sin(angle));
      }
      return this;
    }

    double[] stroke() {
      double[] stroke = new double[points.size()];
      for (int i = 0; i < stroke.length; i++) {
        stroke[i] = points.get(i);
      }
      return stroke;
    }
  }
}
