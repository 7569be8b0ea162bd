package org.backdraft.jobs.run;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;
import java.util.function.LongSupplier;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.baseline.NaiveNumbers;
import org.backdraft.driver.LinearMargin;
import org.backdraft.driver.TrainingListener;
import org.backdraft.jobs.output.Amounts;

/**
 * Tells people how a run goes: on a terminal one line that is written over, elsewhere a plain line
 * every few seconds, and a table with a row for each epoch.
 */
public final class Progress implements TrainingListener {
  private static final long TERMINAL_NANOS = 100_000_000L;
  private static final long PLAIN_NANOS = 5_000_000_000L;
  private static final int BAR = 24;

  private final PrintWriter out;
  private final int columns;
  private final LongSupplier nanoClock;
  private Start start;
  private String naiveLine = ""; // known before the start is
  private long beganNanos;
  private long lastNanos;
  private boolean lineIsOpen;
  private boolean hasHeader;
  private double best = Double.NEGATIVE_INFINITY;

  /**
   * @param out where to: standard error
   * @param columns of the terminal; 0 where there is none
   * @param nanoClock such as {@link System#nanoTime}
   */
  public Progress(PrintWriter out, int columns, LongSupplier nanoClock) {
    this.out = out;
    this.columns = columns;
    this.nanoClock = nanoClock;
  }

  @Override
  public void onStart(Start start) {
    this.start = start;
    beganNanos = nanoClock.getAsLong();
    lastNanos = beganNanos;
    print(
        "run    %s  %d worker%s x %d thread%s",
        start.master(),
        start.workers(),
        plural(start.workers()),
        start.threads(),
        plural(start.threads()));
    print("kernel %s", start.kernels());
    print(
        "data   train %s  val %s",
        Amounts.count(start.trainExamples()), Amounts.count(start.validationExamples()));
    print(
        "model  %s  %s parameters (%s)  %s multiply-adds an example",
        start.model(),
        Amounts.count(start.parameters()),
        Amounts.bytes(4 * start.parameters()),
        Amounts.si((double) start.multiplyAdds()));
    print(
        "plan   global batch %d in %d lea%s  %d steps an epoch  %d epoch%s",
        start.batch(),
        start.leaves(),
        start.leaves() == 1 ? "f" : "ves",
        start.stepsPerEpoch(),
        start.epochs(),
        plural(start.epochs()));
    if (!naiveLine.isEmpty()) {
      print("%s", naiveLine);
    }
  }

  @Override
  public void onRestart(Restart restart) {
    print("again  from step %d, after %s", restart.steps() + 1, restart.cause());
  }

  @Override
  public void onAgreement(Agreement agreement) {
    if (start != null && start.workers() > 1) {
      print(
          "sync   %s  %s%s",
          agreement.algorithm().word(),
          agreement.reason(),
          agreement.isEncrypted() ? "  (encrypted)" : "");
    }
  }

  @Override
  public void onBaselines(NaiveClassifiers naive) {
    String compared =
        naive
            .compared()
            .map(
                each ->
                    "  linear %s  nearest neighbor %s %s"
                        .formatted(
                            linear(each.linear(), Amounts::percent),
                            Amounts.percent(each.nearest()),
                            counts(each.known(), each.asked())))
            .orElse("");
    naiveLine =
        "naive  most frequent class " + Amounts.percent(naive.majorityAccuracy()) + compared;
  }

  @Override
  public void onBaselines(NaiveNumbers naive) {
    naiveLine =
        "naive  squared error of the mean %s  linear %s %s"
            .formatted(
                squares(naive.meanError()),
                linear(naive.linearError(), Progress::squares),
                counts(naive.known(), naive.asked()));
  }

  private static String linear(OptionalDouble value, DoubleFunction<String> text) {
    return value.isPresent() ? text.apply(value.getAsDouble()) : "left out, too large";
  }

  private static String squares(double error) {
    return String.format(Locale.ROOT, "%.3g", error);
  }

  private static String counts(int known, int asked) {
    return "(of %s, for %s)".formatted(Amounts.count(known), Amounts.count(asked));
  }

  @Override
  public void onMargin(LinearMargin margin) {
    print(
        "margin %.4g, the distance of the nearest of %s training examples",
        margin.margin(), Amounts.count(margin.examples()));
  }

  /** Above the first line about steps, whatever has been told before. */
  private void printHeader() {
    if (!hasHeader) {
      print("%s", "epoch   loss     acc   val_loss  val_acc        lr       ex/s      time");
      hasHeader = true;
    }
  }

  @Override
  public synchronized void onStep(Step step) {
    long now = nanoClock.getAsLong();
    if (start == null || now - lastNanos < (columns > 0 ? TERMINAL_NANOS : PLAIN_NANOS)) {
      return;
    }
    lastNanos = now;
    printHeader();
    long done = step.step() + 1;
    long total = start.stepsPerEpoch() * start.epochs();
    double left = (now - beganNanos) * 1e-9 / done * Math.max(0, total - done);
    long inEpoch = step.step() - step.epoch() * start.stepsPerEpoch() + 1;
    String text =
        String.format(
            Locale.ROOT,
            "epoch %d/%d %s %d/%d  loss %s  %s ex/s  %s left",
            step.epoch() + 1,
            start.epochs(),
            columns > 0 ? bar(inEpoch, start.stepsPerEpoch()) : "",
            inEpoch,
            start.stepsPerEpoch(),
            Amounts.loss(step.loss()),
            Amounts.count(Math.round(step.examplesPerSecond())),
            Amounts.duration(left));
    if (columns > 0) {
      // Back to the first column, write, erase what stood behind.
      out.print("\r" + text.substring(0, Math.min(text.length(), columns - 1)) + "\u001b[K");
      out.flush();
      lineIsOpen = true;
    } else {
      print("%s", text);
    }
  }

  @Override
  public void onEpoch(Epoch epoch) {
    printHeader();
    boolean isBest = epoch.validationAccuracy() > best;
    best = Math.max(best, epoch.validationAccuracy());
    print(
        "%5d   %-7s  %5s  %-8s  %7s  %8s  %9s  %8s%s",
        epoch.epoch() + 1,
        Amounts.loss(epoch.loss()),
        Amounts.percent(epoch.accuracy()),
        Amounts.loss(epoch.validationLoss()),
        Amounts.percent(epoch.validationAccuracy()),
        String.format(Locale.ROOT, "%.3g", epoch.learningRate()),
        Amounts.count(Math.round(epoch.examplesPerSecond())),
        Amounts.duration(epoch.seconds()),
        isBest ? "  * best" : "");
    if (!epoch.validationMetrics().isEmpty()) {
      StringBuilder text = new StringBuilder();
      epoch
          .validationMetrics()
          .forEach(
              (name, value) -> text.append(String.format(Locale.ROOT, "  %s %.4f", name, value)));
      print("       %s", text);
    }
  }

  /** Tells something else; for any thread. */
  public void note(String text) {
    print("%s", text);
  }

  /** Ends an open line, so that something else can be printed. */
  public synchronized void endLine() {
    if (lineIsOpen) {
      out.print("\r\u001b[K");
      out.flush();
      lineIsOpen = false;
    }
  }

  private synchronized void print(String pattern, Object... values) {
    endLine();
    out.print(String.format(Locale.ROOT, pattern, values) + "\n");
    out.flush();
  }

  private static String bar(long done, long total) {
    int filled = (int) (BAR * Math.min(done, total) / Math.max(1, total));
    return "[" + "=".repeat(filled) + " ".repeat(BAR - filled) + "]";
  }

  private static String plural(int count) {
    return count == 1 ? "" : "s";
  }
}
