package org.backdraft.jobs.plot;

import java.util.List;

/** Charts beside each other in one SVG file. */
public record Figure(List<LineChart> charts) {
  public Figure {
    charts = List.copyOf(charts);
  }

  /** The text of the file. */
  public String svg() {
    int width = LineChart.WIDTH * charts.size();
    StringBuilder svg = new StringBuilder();
    svg.append(
        ("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\""
                + " fill=\"#222222\">\n")
            .formatted(width, LineChart.HEIGHT, width, LineChart.HEIGHT));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
    for (int i = 0; i < charts.size(); i++) {
      svg.append("<g transform=\"translate(%d 0)\">\n".formatted(i * LineChart.WIDTH));
      svg.append(charts.get(i).elements());
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }
}
