package org.backdraft.driver.failure;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.backdraft.driver.control.Divergence;
import org.backdraft.driver.control.GangEvent;
import org.backdraft.nn.Network;

/** The numbers of a training are of no use any more. */
public final class TrainingDivergedException extends BackdraftException {
  private static final long serialVersionUID = 1L;
  private static final String UNKNOWN = "loss";

  private final long step;
  private final String layer;

  private TrainingDivergedException(String message, long step, String layer) {
    super(message, null);
    this.step = step;
    this.layer = layer;
  }

  /**
   * What all ranks know together.
   *
   * @param reports of the ranks, at least one, all of one step
   * @param nodes of the network
   */
  public static TrainingDivergedException of(
      int epoch, double learningRate, List<GangEvent.Failed> reports, List<Network.Node> nodes) {
    Divergence first = reports.get(0).report().divergence();
    long step = reports.get(0).report().step();
    boolean isGradient = first.reason() == Divergence.Reason.GRADIENT;
    int at = isGradient ? lastGradient(reports) : firstOutput(reports);
    String layer = at < 0 ? UNKNOWN : nodes.get(at).name();
    String what =
        switch (first.reason()) {
          case LOSS ->
              "the loss of %s is not finite; the first layer with a NaN or an infinity in its output"
                  + " is '%s'%s";
          case GRADIENT ->
              "the gradient of %s is not finite, though the loss is; from the network's end the"
                  + " first layer with a NaN or an infinity in it is '%s'%s";
          case LIMIT -> "the loss of %s is too large";
        };
    String when = String.format(Locale.ROOT, "step %d (epoch %d)", step + 1, epoch + 1);
    String message =
        String.format(
            Locale.ROOT,
            "Training diverged: %s%s. Try a smaller optimizer.lr (it was %s at that step).",
            String.format(Locale.ROOT, what, when, layer, where(reports, at, isGradient)),
            first.detail().isEmpty() ? "" : "; " + first.detail(),
            Float.toString((float) learningRate));
    return new TrainingDivergedException(message, step, layer);
  }

  private static int firstOutput(List<GangEvent.Failed> reports) {
    return reports.stream()
        .mapToInt(each -> each.report().divergence().layer())
        .filter(layer -> layer >= 0)
        .min()
        .orElse(-1);
  }

  private static int lastGradient(List<GangEvent.Failed> reports) {
    return reports.stream()
        .mapToInt(each -> each.report().divergence().gradientLayer())
        .max()
        .orElse(-1);
  }

  /** Which ranks and examples it was. */
  private static String where(List<GangEvent.Failed> reports, int layer, boolean isGradient) {
    TreeSet<Integer> ranks = new TreeSet<>();
    TreeSet<Long> examples = new TreeSet<>();
    for (GangEvent.Failed each : reports) {
      Divergence divergence = each.report().divergence();
      int mine = isGradient ? divergence.gradientLayer() : divergence.layer();
      if (layer >= 0 && mine == layer) {
        ranks.add(each.rank());
      }
      examples.addAll(divergence.examples());
    }
    return (ranks.isEmpty() ? "" : " (rank " + words(ranks) + ")")
        + (examples.isEmpty() ? "" : ", of examples " + words(examples));
  }

  private static String words(Set<? extends Number> numbers) {
    return numbers.stream()
        .limit(Divergence.MOST_EXAMPLES)
        .map(String::valueOf)
        .collect(Collectors.joining(", "));
  }

  /** The step whose numbers are of no use, from 0; users read it from 1. */
  public long step() {
    return step;
  }

  /** The first layer whose output, or gradient, is not finite; {@code loss} where all are. */
  public String layer() {
    return layer;
  }

  @Override
  public int exitCode() {
    return 4;
  }
}
