package org.backdraft.jobs.lesson;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.backdraft.jobs.plot.LineChart;
import org.backdraft.neuron.Line;
import org.backdraft.neuron.Observations;

/** Observations in the plane, and lines that are to part them. */
final class PlaneChart {
  private static final double LOW = -0.5;
  private static final double HIGH = 1.5;

  private PlaneChart() {}

  /**
   * A chart of the square around the unit square.
   *
   * @param data of one or two numbers each; one lies on the axis
   * @param lines by what the legend calls them
   */
  static LineChart of(String title, Observations data, Map<String, Line> lines) {
    LineChart chart = new LineChart(title, "x1", data.dimension() == 1 ? "" : "x2");
    chart.within(LOW, HIGH, LOW, HIGH);
    // First, so that a target has its color however many lines there are.
    dots(chart, data, 0);
    dots(chart, data, 1);
    lines.forEach(
        (name, line) -> {
          double[][] ends = ends(line);
          chart.line(name, ends[0], ends[1]);
        });
    return chart;
  }

  private static void dots(LineChart chart, Observations data, int target) {
    List<double[]> points = new ArrayList<>();
    for (int i = 0; i < data.size(); i++) {
      if (data.targets().get(i) == target) {
        points.add(data.inputs().get(i));
      }
    }
    chart.dots(
        "y = " + target,
        points.stream().mapToDouble(p -> p[0]).toArray(),
        points.stream().mapToDouble(p -> p.length > 1 ? p[1] : 0).toArray());
  }

  /** Where a line meets the border of the square: x and y of none or two points. */
  private static double[][] ends(Line line) {
    double a = line.weights().get(0);
    double b = line.weights().size() > 1 ? line.weights().get(1) : 0;
    List<double[]> points = new ArrayList<>();
    for (double side : new double[] {LOW, HIGH}) {
      add(points, side, -(a * side + line.bias()) / b);
      add(points, -(b * side + line.bias()) / a, side);
    }
    return points.size() < 2
        ? new double[2][0]
        : new double[][] {
          {points.get(0)[0], points.get(1)[0]}, {points.get(0)[1], points.get(1)[1]}
        };
  }

  /** Adds a point unless it is outside, or there already as a corner may be. */
  private static void add(List<double[]> points, double x, double y) {
    boolean isInside = x >= LOW && x <= HIGH && y >= LOW && y <= HIGH;
    if (isInside && points.stream().noneMatch(p -> p[0] == x && p[1] == y)) {
      points.add(new double[] {x, y});
    }
  }
}
