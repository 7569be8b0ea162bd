package org.backdraft.jobs.plot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.StringReader;
import java.util.List;
import java.util.stream.DoubleStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;

final class FigureTest {
  private static Document parsed(LineChart... charts) throws Exception {
    String svg = new Figure(List.of(charts)).svg();
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  private static String path(Document document, int line) {
    return ((Element) document.getElementsByTagName("path").item(line)).getAttribute("d");
  }

  @Test
  void chartsStandBesideEachOtherInOneDocument() throws Exception {
    LineChart chart =
        new LineChart("a < b & c", "epoch", "loss")
            .line("training", new double[] {1, 2, 3}, new double[] {3, 2, 1})
            .mark(2, "here");
    Document document = parsed(chart, chart);
    assertThat(document.getDocumentElement().getAttribute("width"))
        .isEqualTo(Integer.toString(2 * LineChart.WIDTH));
    assertThat(document.getElementsByTagName("g").getLength()).isEqualTo(2);
    assertThat(document.getDocumentElement().getTextContent())
        .contains("a < b & c", "training", "here");
  }

  @Test
  void linesRunFromLeftToRightAndHigherValuesAreHigherUp() throws Exception {
    Document document =
        parsed(new LineChart("t", "x", "y").line("a", new double[] {0, 10}, new double[] {0, 1}));
    String[] ends = path(document, 0).replace("h0", "").substring(1).split("[L ]");
    assertThat(Double.parseDouble(ends[2])).isGreaterThan(Double.parseDouble(ends[0]));
    assertThat(Double.parseDouble(ends[3])).isLessThan(Double.parseDouble(ends[1]));
  }

  @Test
  void pointsWithoutAPlaceLeaveAGap() throws Exception {
    double[] x = {1, 10, 100, 1000, 10_000};
    double[] y = {1, Double.NaN, 3, Double.POSITIVE_INFINITY, 5};
    Document document =
        parsed(new LineChart("t", "x", "y", true, false).line("a", x, y).line("b", y, x));
    assertThat(path(document, 0)).matches("(M[0-9. ]+h0){3}");
    Document zero =
        parsed(
            new LineChart("t", "x", "y", true, true)
                .line("a", new double[] {0, 1, 2}, new double[] {1, 0, 2}));
    assertThat(path(zero, 0)).matches("M[0-9. ]+h0");
  }

  @Test
  void theLegendTellsOfALineThatIsNowhere() throws Exception {
    double[] x = {1, 2};
    Document document =
        parsed(
            new LineChart("t", "x", "y", false, true)
                .line("zero", x, new double[] {0, 0})
                .line("one", x, new double[] {1, 1}));
    assertThat(document.getDocumentElement().getTextContent())
        .contains("zero (none)", "one")
        .doesNotContain("one (none)");
  }

  @Test
  void dotsAndFaintLinesStandWithinTheFrame() throws Exception {
    Document document =
        parsed(
            new LineChart("t", "x", "y")
                .within(-1, 1, 0, 2)
                .faint(new double[] {-1, 1}, new double[] {0, 2})
                .dots("here", new double[] {-1, 1}, new double[] {0, 2}));
    // One of the dots is that of the legend.
    assertThat(document.getElementsByTagName("circle").getLength()).isEqualTo(3);
    Element low = (Element) document.getElementsByTagName("circle").item(0);
    Element high = (Element) document.getElementsByTagName("circle").item(1);
    assertThat(path(document, 0))
        .isEqualTo(
            "M%s %sh0L%s %s"
                .formatted(
                    low.getAttribute("cx"),
                    low.getAttribute("cy"),
                    high.getAttribute("cx"),
                    high.getAttribute("cy")));
    assertThat(low.getAttribute("cx")).isEqualTo("62.0");
    assertThat(high.getAttribute("cy")).isEqualTo("58.0");
  }

  @Test
  void aChartWithoutPointsIsOne() throws Exception {
    Document document =
        parsed(new LineChart("t", "x", "y").line("a", new double[0], new double[0]));
    assertThat(path(document, 0)).isEmpty();
    assertThatThrownBy(() -> new LineChart("t", "x", "y").line("a", new double[1], new double[2]))
        .hasMessageContaining("Line 'a' must have as many x as y: got 1 and 2.");
  }

  @ParameterizedTest
  @CsvSource({
    "0, 1, false, '[0.0, 0.2, 0.4, 0.6, 0.8, 1.0]'",
    "1, 12, false, '[2, 4, 6, 8, 10, 12]'",
    "0.9812, 0.9876, false, '[0.982, 0.984, 0.986]'",
    "-3, 3, false, '[-2, 0, 2]'",
    "7, 7, false, '[6.6, 6.8, 7.0, 7.2, 7.4]'",
    "1e-6, 10, true, '[1e-6, 1e-4, 1e-2, 1e0]'",
    "0.02, 0.5, true, '[1e-1]'",
  })
  void ticksAreRound(double low, double high, boolean isLogarithmic, String expected) {
    Axis axis = Axis.of(DoubleStream.of(low, high), isLogarithmic);
    assertThat(axis.ticks().stream().map(Axis.Tick::text).toList()).hasToString(expected);
    for (Axis.Tick tick : axis.ticks()) {
      assertThat(axis.place(tick.value())).isBetween(0.0, 1.0);
    }
    assertThat(axis.place(low)).isGreaterThan(0);
    assertThat(axis.place(high)).isLessThan(1);
  }
}
