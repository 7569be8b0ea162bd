package org.backdraft.jobs.lesson;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.backdraft.data.EpochOrder;
import org.backdraft.data.RecordBlock;
import org.backdraft.data.Split;
import org.backdraft.jobs.output.TextTable;
import org.backdraft.jobs.plot.Figure;
import org.backdraft.jobs.plot.LineChart;
import org.backdraft.optim.LearningRateSchedule;
import org.backdraft.optim.LearningRateSchedule.Constant;
import org.backdraft.optim.LearningRateSchedule.Cosine;
import org.backdraft.optim.LearningRateSchedule.Exponential;
import org.backdraft.optim.LearningRateSchedule.MultiStep;
import org.backdraft.optim.LearningRateSchedule.Polynomial;
import org.backdraft.optim.LearningRateSchedule.StepDecay;
import org.backdraft.optim.Momentum;
import org.backdraft.optim.OneCycle;
import org.backdraft.optim.Warmup;

/**
 * What a schedule is for: at a constant rate the noise of minibatches keeps the loss above a floor;
 * a rate that falls towards the end gets below it.
 */
final class SchedulesLesson implements Lesson {
  private static final String DATA = "digits:train=1000,val=1000";
  private static final String MODEL = "mlp:hidden=64";
  private static final String CONSTANT = "constant";

  /** A loss is lower if it is below so much of the other. */
  private static final double CLEARLY = 0.75;

  private static final int EPOCHS = 12;
  private static final float RATE = 0.1f;
  private static final float MOMENTUM = 0.9f;
  private static final long SEED = 1;

  private static Map<String, LearningRateSchedule> schedules() {
    Map<String, LearningRateSchedule> schedules = new LinkedHashMap<>();
    schedules.put(CONSTANT, new Constant());
    schedules.put("step", new StepDecay(3, 0.3f));
    schedules.put("multi-step", new MultiStep(List.of(6, 9), 0.1f));
    schedules.put("exponential", new Exponential(0.7f));
    schedules.put("polynomial", new Polynomial(1, 0));
    schedules.put("cosine", new Cosine(0));
    schedules.put("one-cycle", new OneCycle(0.3f, 25, 1e4f, false));
    schedules.put("warmup", new Warmup(new Cosine(0), 1, Warmup.Unit.EPOCHS, 0.01f));
    return schedules;
  }

  @Override
  public Shown show() {
    RecordBlock training = GeneratedDigits.block(DATA, Split.TRAIN);
    RecordBlock validation = GeneratedDigits.block(DATA, Split.VALIDATION);
    TextTable table = new TextTable("schedule", ">loss", ">validation", "than constant");
    LineChart rates = new LineChart("Learning rate", "epoch", "rate");
    LineChart losses = new LineChart("Loss on the training images", "epoch", "loss", false, true);
    Map<String, Object> results = new LinkedHashMap<>();
    Map<String, Course> courses = new LinkedHashMap<>();
    schedules()
        .forEach((name, schedule) -> courses.put(name, course(schedule, training, validation)));
    double floor = courses.get(CONSTANT).end();
    courses.forEach(
        (name, course) -> {
          rates.line(name, course.epochs(), course.rates());
          losses.line(name, course.epochs(), course.losses());
          results.put(name + "_loss", course.end());
          String verdict = "";
          if (!name.equals(CONSTANT)) {
            verdict = course.end() < CLEARLY * floor ? "lower" : "no lower";
            results.put(name, verdict);
          }
          table.row(
              name,
              String.format(Locale.ROOT, "%.4f", course.end()),
              String.format(Locale.ROOT, "%.1f%%", 100 * course.accuracy()),
              verdict);
        });
    return new Shown(
        "A perceptron of two layers learns "
            + training.size()
            + " digits in "
            + EPOCHS
            + " epochs by steps with momentum, at a\nlearning rate of "
            + RATE
            + " in the beginning (one-cycle: at its top):\n"
            + table
            + "What is left at a constant rate is noise: each minibatch pulls elsewhere. Every way to let\n"
            + "the rate fall gets lower.\n",
        results,
        Optional.of(new Figure(List.of(rates, losses))));
  }

  /** A training by its epochs, from 1: the rate of the last step, and the loss after it. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Course(double[] epochs, double[] rates, double[] losses, double accuracy) {
    double end() {
      return losses[losses.length - 1];
    }
  }

  private static Course course(
      LearningRateSchedule schedule, RecordBlock training, RecordBlock validation) {
    int steps = (training.size() + ImageTraining.BATCH - 1) / ImageTraining.BATCH;
    int pixels = training.offsets()[1];
    double[] epochs = new double[EPOCHS];
    double[] rates = new double[EPOCHS];
    double[] losses = new double[EPOCHS];
    try (ImageTraining run =
        new ImageTraining(
            MODEL, EpochOrder.of(SEED, 0, pixels, false), new Momentum(MOMENTUM, false, 0), SEED)) {
      for (int epoch = 0; epoch < EPOCHS; epoch++) {
        run.epoch(
            training,
            epoch,
            step -> schedule.learningRate(RATE, step, steps, (long) EPOCHS * steps));
        epochs[epoch] = epoch + 1;
        rates[epoch] =
            schedule.learningRate(RATE, (epoch + 1L) * steps - 1, steps, (long) EPOCHS * steps);
        losses[epoch] = run.measure(training).loss();
      }
      return new Course(epochs, rates, losses, run.measure(validation).accuracy());
    }
  }
}
