package org.backdraft.jobs.lesson;

import java.util.function.LongToDoubleFunction;
import org.backdraft.data.EpochOrder;
import org.backdraft.data.RecordBlock;
import org.backdraft.init.Initializer;
import org.backdraft.nn.Network;
import org.backdraft.optim.Optimizer;
import org.backdraft.plan.Batch;
import org.backdraft.plan.Replica;
import org.backdraft.tensor.ActivationLayout;
import org.backdraft.zoo.ModelZoo;

/**
 * A network that learns grey images of ten classes on one thread: what a lesson needs of {@code
 * train}. Pixels are between −½ and ½.
 */
final class ImageTraining implements AutoCloseable {
  private static final int CLASSES = 10;
  static final int BATCH = 50;

  private final int[] order;
  private final long seed;
  private final Replica replica;
  private final Batch batch;
  private final Optimizer optimizer;
  private final float[][] state;
  private long step;

  /**
   * A network before its first step.
   *
   * @param model as the zoo knows it
   * @param order which pixel of a record becomes pixel i of the network's input
   * @param optimizer what updates the weights
   * @param seed of weights and orders of the images
   */
  ImageTraining(String model, int[] order, Optimizer optimizer, long seed) {
    this.order = order;
    this.optimizer = optimizer;
    this.seed = seed;
    Network network = ModelZoo.create(model, ModelZoo.defaultInput(model), CLASSES);
    replica = LoneReplica.of(network, BATCH, optimizer.stateSlots());
    Initializer.HE.initialize(network.parameterTable(), replica.parameters(), seed);
    batch = new Batch(ActivationLayout.dense(network.input()), BATCH);
    state = new float[optimizer.stateSlots()][network.parameterTable().size()];
  }

  /** What the network makes of images. */
  record Measured(double loss, double accuracy) {}

  /**
   * A pass over all images, in an order of its own.
   *
   * @param rate the learning rate by the number of the step, from 0
   */
  void epoch(RecordBlock images, int epoch, LongToDoubleFunction rate) {
    int[] places = EpochOrder.of(seed, epoch, images.size(), true);
    for (int begin = 0; begin < places.length; begin += BATCH) {
      fill(images, places, begin);
      replica.trainStep(batch, seed, epoch);
      float now = (float) rate.applyAsDouble(step);
      replica.update(optimizer, replica.sums()[0], state, now, ++step);
    }
  }

  /** Mean loss, and the share of the images whose class the network tells. */
  Measured measure(RecordBlock images) {
    int[] places = EpochOrder.of(seed, 0, images.size(), false);
    float[] losses = new float[BATCH];
    float[] denominators = new float[BATCH];
    int[] ranks = new int[BATCH];
    int hits = 0;
    double loss = 0;
    for (int begin = 0; begin < places.length; begin += BATCH) {
      fill(images, places, begin);
      replica.evaluate(batch, losses, denominators, ranks);
      for (int i = 0; i < batch.size(); i++) {
        hits += ranks[i] == 0 ? 1 : 0;
        loss += losses[i];
      }
    }
    return new Measured(loss / images.size(), (double) hits / images.size());
  }

  private void fill(RecordBlock images, int[] places, int begin) {
    int size = Math.min(BATCH, places.length - begin);
    batch.reset(size, size);
    for (int i = 0; i < size; i++) {
      int record = places[begin + i];
      int at = images.offsets()[record];
      for (int pixel = 0; pixel < order.length; pixel++) {
        batch.inputs()[i * order.length + pixel] =
            (images.bytes()[at + order[pixel]] & 0xff) / 255f - 0.5f;
      }
      batch.labels()[i] = images.labels()[record];
      batch.exampleIds()[i] = images.firstExample() + record;
    }
  }

  @Override
  public void close() {
    replica.close();
  }
}
