package org.backdraft.driver.sync;

import java.io.IOException;

/**
 * Exchanges on the thread that computes, when it waits for them: for a single rank, which has none,
 * and where all gradients fit one bucket, which is full when the backward pass is over.
 */
final class SerialExchange implements StepExchange {
  private final GangExchange gang;
  private final Buckets buckets;
  private long step;

  SerialExchange(GangExchange gang, Buckets buckets) {
    this.gang = gang;
    this.buckets = buckets;
  }

  @Override
  public void start(long step) {
    this.step = step;
  }

  @Override
  public void add(float[][] sums, int length, boolean backward) throws IOException {
    gang.add(sums, length, step);
  }

  @Override
  public void finalFrom(int begin) {}

  @Override
  public void awaitSums() throws IOException {
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      gang.reduceScatter(bucket, step);
    }
    gang.allReduceTail(step);
  }

  @Override
  public void share(double[][] blockSums) throws IOException {
    gang.share(blockSums, step);
  }

  @Override
  public void updated(int range) {}

  @Override
  public void await(int end) throws IOException {
    for (int bucket = 0; bucket < buckets.count(); bucket++) {
      gang.allGather(bucket, step);
    }
  }

  @Override
  public void skip() {}

  @Override
  public void close() {}
}
