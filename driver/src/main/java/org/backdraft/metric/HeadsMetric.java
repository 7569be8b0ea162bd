package org.backdraft.metric;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.backdraft.kernel.LossKernels;
import org.backdraft.loss.Head;
import org.backdraft.loss.HeadLosses;
import org.backdraft.loss.LabelLoss;
import org.backdraft.plan.Batch;
import org.backdraft.tensor.Shape;

/**
 * Of each head of a network: its loss without its weight, {@code NAME_loss}; of one that chooses
 * from classes {@code NAME_accuracy}, the share of right answers; of one that is compared with
 * numbers what {@link RegressionMetric} measures, {@code NAME_mse}, {@code NAME_mae} and {@code
 * NAME_baseline_mse}.
 *
 * @param losses of the network
 */
public record HeadsMetric(HeadLosses losses) implements Metric {
  private static final long serialVersionUID = 1L;

  // The sums of a head: these, then those of its kind.
  private static final int EXAMPLES = 0;
  private static final int LOSS = 1;
  private static final int OF_KIND = 2;

  // Of a head that chooses from classes.
  private static final int HITS = OF_KIND;
  private static final int CLASSES = OF_KIND + 1;

  @Override
  public int sums() {
    return losses.heads().stream().mapToInt(HeadsMetric::sums).sum();
  }

  private static int sums(Head head) {
    return OF_KIND + (head.isOfClasses() ? 2 : new RegressionMetric(head.targets()).sums());
  }

  private RegressionMetric regression(int number) {
    Head head = losses.heads().get(number);
    return new RegressionMetric(head.targets(), head.firstTarget(), losses.firstOutput(number));
  }

  private static String named(Head head, String number) {
    return head.name() + "_" + number;
  }

  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (Head head : losses.heads()) {
      names.add(named(head, "loss"));
      if (head.isOfClasses()) {
        names.add(named(head, "accuracy"));
      } else {
        new RegressionMetric(head.targets()).names().forEach(n -> names.add(named(head, n)));
      }
    }
    return List.copyOf(names);
  }

  @Override
  public Scorer scorer(Shape output, LossKernels kernels) {
    List<HeadScorer> scorers = new ArrayList<>();
    int base = 0;
    for (int number = 0; number < losses.heads().size(); number++) {
      scorers.add(new HeadScorer(number, base, kernels));
      base += sums(losses.heads().get(number));
    }
    HeadScorer[] all = scorers.toArray(HeadScorer[]::new);
    return (values, batch, example, sums) -> {
      for (HeadScorer each : all) {
        each.add(values, batch, example, sums);
      }
    };
  }

  /** Adds up what one head answers. */
  private final class HeadScorer implements Scorer {
    private final Head head;
    private final int firstOutput;
    private final int base;
    private final LossKernels kernels;
    private final float[] scratch;
    private final RegressionMetric regression;

    HeadScorer(int number, int base, LossKernels kernels) {
      head = losses.heads().get(number);
      firstOutput = losses.firstOutput(number);
      this.base = base;
      this.kernels = kernels;
      scratch = head.loss().newTarget(head.outputs());
      regression = regression(number);
    }

    @Override
    public void add(float[] output, Batch batch, int example, double[] sums) {
      float[] targets = batch.targets();
      int at = example * batch.targetsPerExample();
      sums[base + EXAMPLES]++;
      sums[base + LOSS] +=
          head.evaluate(kernels, output, firstOutput, targets, at, scratch, null, 0);
      if (!head.isOfClasses()) {
        regression.add(output, batch, example, sums, base + OF_KIND);
        return;
      }
      int label = head.label(targets, at);
      if (!head.loss().ignores(label)) {
        int rank = LabelLoss.rank(output, firstOutput, head.classes(), label);
        sums[base + HITS] += rank == 0 ? 1 : 0;
        sums[base + CLASSES]++;
      }
    }
  }

  @Override
  public Map<String, Double> of(double[] sums) {
    Map<String, Double> numbers = new LinkedHashMap<>();
    if (sums.length == 0) {
      return numbers;
    }
    int base = 0;
    for (int number = 0; number < losses.heads().size(); number++) {
      Head head = losses.heads().get(number);
      if (sums[base + EXAMPLES] > 0) {
        numbers.put(named(head, "loss"), sums[base + LOSS] / sums[base + EXAMPLES]);
      }
      if (!head.isOfClasses()) {
        regression(number)
            .of(sums, base + OF_KIND)
            .forEach((name, value) -> numbers.put(named(head, name), value));
      } else if (sums[base + CLASSES] > 0) {
        numbers.put(named(head, "accuracy"), sums[base + HITS] / sums[base + CLASSES]);
      }
      base += sums(head);
    }
    return numbers;
  }
}
