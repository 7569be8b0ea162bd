package org.backdraft.jobs.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.backdraft.data.BlockReader;
import org.backdraft.data.DataSource;
import org.backdraft.data.DataSources;
import org.backdraft.data.HadoopSettings;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.Split;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.Weights;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;
import org.backdraft.nn.Activation;
import org.backdraft.nn.Flatten;
import org.backdraft.nn.Layer;
import org.backdraft.nn.Linear;
import org.backdraft.nn.Network;
import org.backdraft.tensor.ParameterTable;

/**
 * How a hidden layer of rectifiers follows a function of one number: the sum beside the data, and
 * the shifted and scaled rectifiers that it is the sum of.
 *
 * @param hidden weight and bias of each unit
 * @param outgoing what each unit is multiplied by
 * @param bias of the sum
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record FunctionFit(float[][] hidden, float[] outgoing, float bias) {
  private static final String FORMAT = "function:";
  private static final String AS_THEY_ARE = "unit";
  private static final int POINTS = 401;

  /**
   * The picture, where there is one: of a network with one hidden layer of rectifiers that has
   * learned {@code function:}, whose numbers it takes as they are.
   *
   * @param uri of the training data
   */
  public static Optional<Figure> figure(String uri, TrainingReport report) throws IOException {
    if (!uri.startsWith(FORMAT) || !report.data().normalize().equals(AS_THEY_ARE)) {
      return Optional.empty();
    }
    Optional<FunctionFit> fit = of(report.network(), report.weights());
    return fit.isPresent() ? Optional.of(fit.get().figure(examples(uri))) : Optional.empty();
  }

  /** Empty unless it is two linear layers with rectifiers between them. */
  private static Optional<FunctionFit> of(Network network, Weights weights) {
    List<Network.Node> nodes =
        network.nodes().stream().filter(node -> !(node.layer() instanceof Flatten)).toList();
    if (nodes.size() != 3 || network.input().elements() != 1 || network.output().elements() != 1) {
      return Optional.empty();
    }
    Layer first = nodes.get(0).layer();
    Layer last = nodes.get(2).layer();
    if (!(first instanceof Linear)
        || !nodes.get(1).layer().equals(Activation.relu())
        || !(last instanceof Linear)
        || network.parameterTable().entries().size() != 4) {
      return Optional.empty();
    }
    List<ParameterTable.Entry> entries = network.parameterTable().entries();
    int units = nodes.get(0).output().elements();
    float[] values = weights.parameters();
    float[][] hidden = new float[units][];
    float[] outgoing = new float[units];
    for (int i = 0; i < units; i++) {
      hidden[i] =
          new float[] {values[entries.get(0).begin() + i], values[entries.get(1).begin() + i]};
      outgoing[i] = values[entries.get(2).begin() + i];
    }
    return Optional.of(new FunctionFit(hidden, outgoing, values[entries.get(3).begin()]));
  }

  /** What a unit adds to the sum. */
  private double unit(int unit, double x) {
    return outgoing[unit] * Math.max(0, hidden[unit][0] * x + hidden[unit][1]);
  }

  private double at(double x) {
    double sum = bias;
    for (int i = 0; i < outgoing.length; i++) {
      sum += unit(i, x);
    }
    return sum;
  }

  /** The validation examples, (x, y) each, by x. */
  private static List<double[]> examples(String uri) throws IOException {
    DataSource source = DataSources.open(uri, Split.VALIDATION, HadoopSettings.defaults());
    try (BlockReader blocks = source.read(0, source.examples(), source.examples())) {
      RecordBlock block = blocks.next();
      ByteBuffer bytes = ByteBuffer.wrap(block.bytes()).order(ByteOrder.LITTLE_ENDIAN);
      return IntStream.range(0, block.size())
          .map(record -> block.offsets()[record])
          .mapToObj(at -> new double[] {bytes.getFloat(at), bytes.getFloat(at + Float.BYTES)})
          .sorted(Comparator.comparingDouble(point -> point[0]))
          .toList();
    }
  }

  private Figure figure(List<double[]> examples) {
    double low = examples.get(0)[0];
    double high = examples.get(examples.size() - 1)[0];
    double[] x =
        IntStream.range(0, POINTS)
            .mapToDouble(i -> low + (high - low) * i / (POINTS - 1))
            .toArray();
    double[] sum = IntStream.range(0, POINTS).mapToDouble(i -> at(x[i])).toArray();
    LineChart fit =
        new LineChart("The sum beside the data", "x", "y")
            .line("network", x, sum)
            .dashed(
                "validation data",
                examples.stream().mapToDouble(point -> point[0]).toArray(),
                examples.stream().mapToDouble(point -> point[1]).toArray());
    LineChart units = new LineChart(outgoing.length + " rectifiers and their sum", "x", "y");
    for (int i = 0; i < outgoing.length; i++) {
      int unit = i;
      units.faint(x, IntStream.range(0, POINTS).mapToDouble(p -> unit(unit, x[p])).toArray());
    }
    return new Figure(List.of(fit, units.line("network", x, sum)));
  }
}
