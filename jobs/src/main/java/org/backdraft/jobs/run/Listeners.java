package org.backdraft.jobs.run;

import java.util.List;
import org.backdraft.baseline.NaiveClassifiers;
import org.backdraft.baseline.NaiveNumbers;
import org.backdraft.driver.LinearMargin;
import org.backdraft.driver.TrainingListener;

/** Hands each event to several listeners, in order. */
public record Listeners(List<TrainingListener> all) implements TrainingListener {
  public Listeners {
    all = List.copyOf(all);
  }

  @Override
  public void onStart(Start start) {
    all.forEach(each -> each.onStart(start));
  }

  @Override
  public void onRestart(Restart restart) {
    all.forEach(each -> each.onRestart(restart));
  }

  @Override
  public void onAgreement(Agreement agreement) {
    all.forEach(each -> each.onAgreement(agreement));
  }

  @Override
  public void onBaselines(NaiveClassifiers naive) {
    all.forEach(each -> each.onBaselines(naive));
  }

  @Override
  public void onBaselines(NaiveNumbers naive) {
    all.forEach(each -> each.onBaselines(naive));
  }

  @Override
  public void onMargin(LinearMargin margin) {
    all.forEach(each -> each.onMargin(margin));
  }

  @Override
  public void onStep(Step step) {
    for (TrainingListener each : all) {
      each.onStep(step);
    }
  }

  @Override
  public void onEpoch(Epoch epoch) {
    all.forEach(each -> each.onEpoch(epoch));
  }
}
