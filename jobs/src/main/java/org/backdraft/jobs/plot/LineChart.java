package org.backdraft.jobs.plot;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * Lines and dots over two axes, with a legend above them. Points that are not finite, or have no
 * place on a logarithmic axis, leave a gap; where that leaves nothing the legend says so. Not
 * thread-safe.
 */
public final class LineChart {
  static final int WIDTH = 480;
  static final int HEIGHT = 320;

  private static final int LEFT = 62;
  private static final int RIGHT = 16;
  private static final int TOP = 58;
  private static final int BOTTOM = 46;

  /** Of Okabe and Ito: colors that people tell apart whatever colors they see. */
  private static final List<String> COLORS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9");

  private final String title;
  private final String horizontal;
  private final String vertical;
  private final boolean isHorizontalLogarithmic;
  private final boolean isVerticalLogarithmic;
  private final List<Line> lines = new ArrayList<>();
  private final List<Mark> marks = new ArrayList<>();

  private Frame frame; // null for what holds all points

  private enum Style {
    SOLID,
    DASHED,
    FAINT,
    DOTS
  }

  private record Line(String name, double[] x, double[] y, Style style) {}

  private record Frame(double left, double right, double bottom, double top) {}

  private record Mark(double x, String text) {}

  /** A chart with even axes. */
  public LineChart(String title, String horizontal, String vertical) {
    this(title, horizontal, vertical, false, false);
  }

  /**
   * A chart without lines yet.
   *
   * @param horizontal what the axis of x says
   * @param vertical what the axis of y says
   * @param isHorizontalLogarithmic whether equal factors of x are equally long
   * @param isVerticalLogarithmic likewise of y
   */
  public LineChart(
      String title,
      String horizontal,
      String vertical,
      boolean isHorizontalLogarithmic,
      boolean isVerticalLogarithmic) {
    this.title = title;
    this.horizontal = horizontal;
    this.vertical = vertical;
    this.isHorizontalLogarithmic = isHorizontalLogarithmic;
    this.isVerticalLogarithmic = isVerticalLogarithmic;
  }

  /** Adds a line through points in the order given. */
  public LineChart line(String name, double[] x, double[] y) {
    return add(name, x, y, Style.SOLID);
  }

  /** Adds a line that is dashed, as a bound or a naive answer is. */
  public LineChart dashed(String name, double[] x, double[] y) {
    return add(name, x, y, Style.DASHED);
  }

  /** Adds a thin gray line that the legend does not name: one of many. */
  public LineChart faint(double[] x, double[] y) {
    return add("", x, y, Style.FAINT);
  }

  /** Adds a dot at each point. */
  public LineChart dots(String name, double[] x, double[] y) {
    return add(name, x, y, Style.DOTS);
  }

  /** Has the axes go from one value to the other, instead of as far as points do. */
  public LineChart within(double left, double right, double bottom, double top) {
    frame = new Frame(left, right, bottom, top);
    return this;
  }

  private LineChart add(String name, double[] x, double[] y, Style style) {
    if (x.length != y.length) {
      throw new IllegalArgumentException(
          "Line '%s' must have as many x as y: got %d and %d.".formatted(name, x.length, y.length));
    }
    lines.add(new Line(name, x.clone(), y.clone(), style));
    return this;
  }

  /** Adds a vertical line with a word beside it. */
  public LineChart mark(double x, String text) {
    marks.add(new Mark(x, text));
    return this;
  }

  /** The elements of the chart, in a square of {@link #WIDTH} times {@link #HEIGHT}. */
  String elements() {
    Axis across = across();
    Axis up = up();
    StringBuilder svg = new StringBuilder();
    text(svg, LEFT, 20, "start", "font-size=\"14\" font-weight=\"bold\"", title);
    axes(svg, across, up);
    for (int i = 0; i < marks.size(); i++) {
      mark(svg, across, marks.get(i), TOP + 12 + 14 * i);
    }
    int legend = LEFT;
    int named = 0;
    for (Line line : lines) {
      if (line.style() == Style.FAINT) {
        path(svg, across, up, line, "stroke=\"#999999\" stroke-width=\"0.6\"");
        continue;
      }
      String color = COLORS.get(named++ % COLORS.size());
      if (line.style() == Style.DOTS) {
        dots(svg, across, up, line, color);
        dot(svg, legend + 10, 38, color);
      } else {
        String stroke =
            "stroke=\"%s\" stroke-width=\"1.8\"%s"
                .formatted(color, line.style() == Style.DASHED ? " stroke-dasharray=\"5 4\"" : "");
        path(svg, across, up, line, stroke);
        segment(svg, legend, 38, legend + 20, 38, stroke);
      }
      String name = line.name() + (isSeen(line, across, up) ? "" : " (none)");
      text(svg, legend + 25, 42, "start", "", name);
      legend += 45 + 7 * name.length();
    }
    return svg.toString();
  }

  private static boolean isSeen(Line line, Axis across, Axis up) {
    return IntStream.range(0, line.x().length).anyMatch(i -> isSeen(line, i, across, up));
  }

  private static boolean isSeen(Line line, int point, Axis across, Axis up) {
    return across.shows(line.x()[point]) && up.shows(line.y()[point]);
  }

  private Axis across() {
    return frame != null
        ? new Axis(frame.left(), frame.right(), isHorizontalLogarithmic)
        : Axis.of(
            DoubleStream.concat(
                lines.stream().flatMapToDouble(each -> DoubleStream.of(each.x())),
                marks.stream().mapToDouble(Mark::x)),
            isHorizontalLogarithmic);
  }

  private Axis up() {
    return frame != null
        ? new Axis(frame.bottom(), frame.top(), isVerticalLogarithmic)
        : Axis.of(
            lines.stream().flatMapToDouble(each -> DoubleStream.of(each.y())),
            isVerticalLogarithmic);
  }

  private static void dots(StringBuilder svg, Axis across, Axis up, Line line, String color) {
    for (int i = 0; i < line.x().length; i++) {
      if (isSeen(line, i, across, up)) {
        dot(svg, x(across, line.x()[i]), y(up, line.y()[i]), color);
      }
    }
  }

  private static void dot(StringBuilder svg, double x, double y, String color) {
    svg.append(
        String.format(
            Locale.ROOT, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"%s\"/>\n", x, y, color));
  }

  private void axes(StringBuilder svg, Axis across, Axis up) {
    String grid = "stroke=\"#dddddd\" stroke-width=\"1\"";
    for (Axis.Tick tick : up.ticks()) {
      double y = y(up, tick.value());
      segment(svg, LEFT, y, WIDTH - RIGHT, y, grid);
      text(svg, LEFT - 7, y + 4, "end", "", tick.text());
    }
    for (Axis.Tick tick : across.ticks()) {
      double x = x(across, tick.value());
      segment(svg, x, TOP, x, HEIGHT - BOTTOM, grid);
      text(svg, x, HEIGHT - BOTTOM + 16, "middle", "", tick.text());
    }
    String frame = "stroke=\"#444444\" stroke-width=\"1\"";
    segment(svg, LEFT, TOP, LEFT, HEIGHT - BOTTOM, frame);
    segment(svg, LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM, frame);
    text(svg, (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 10, "middle", "", horizontal);
    double middle = (TOP + HEIGHT - BOTTOM) / 2.0;
    text(
        svg,
        14,
        middle,
        "middle",
        String.format(Locale.ROOT, "transform=\"rotate(-90 14 %.1f)\"", middle),
        vertical);
  }

  private static void mark(StringBuilder svg, Axis across, Mark mark, int textY) {
    double x = x(across, mark.x());
    String stroke = "stroke=\"#444444\" stroke-width=\"1\" stroke-dasharray=\"2 3\"";
    segment(svg, x, TOP, x, HEIGHT - BOTTOM, stroke);
    boolean isLeft = x > (LEFT + WIDTH) / 2.0;
    text(svg, isLeft ? x - 5 : x + 5, textY, isLeft ? "end" : "start", "", mark.text());
  }

  /** One path with a new beginning behind each gap; a point between two gaps is a dot. */
  private static void path(StringBuilder svg, Axis across, Axis up, Line line, String stroke) {
    StringBuilder path = new StringBuilder();
    boolean isOpen = false;
    for (int i = 0; i < line.x().length; i++) {
      boolean isSeen = isSeen(line, i, across, up);
      if (isSeen) {
        double x = x(across, line.x()[i]);
        double y = y(up, line.y()[i]);
        path.append(String.format(Locale.ROOT, "%s%.1f %.1f", isOpen ? "L" : "M", x, y));
        if (!isOpen) {
          path.append("h0"); // so that a line of one point is seen
        }
      }
      isOpen = isSeen;
    }
    svg.append("<path d=\"")
        .append(path)
        .append("\" fill=\"none\" stroke-linejoin=\"round\" stroke-linecap=\"round\" ")
        .append(stroke)
        .append("/>\n");
  }

  private static double x(Axis axis, double value) {
    return LEFT + axis.place(value) * (WIDTH - LEFT - RIGHT);
  }

  private static double y(Axis axis, double value) {
    return HEIGHT - BOTTOM - axis.place(value) * (HEIGHT - TOP - BOTTOM);
  }

  private static void segment(
      StringBuilder svg, double x1, double y1, double x2, double y2, String stroke) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" %s/>\n",
            x1,
            y1,
            x2,
            y2,
            stroke));
  }

  private static void text(
      StringBuilder svg, double x, double y, String anchor, String attributes, String text) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" %s>%s</text>\n",
            x,
            y,
            anchor,
            attributes,
            escaped(text)));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
