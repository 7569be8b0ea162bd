package org.backdraft.driver;

import java.util.Map;
import org.backdraft.nn.Network;

/**
 * Where a run's checkpoints are.
 *
 * @param directory any path of Hadoop; made when it is needed
 * @param isResumed whether the run goes on from the newest checkpoint there
 * @param words what the model file of a checkpoint is to say of itself
 */
public record CheckpointPlace(String directory, boolean isResumed, ModelWords words) {
  /** Metadata of a model file. */
  @FunctionalInterface
  public interface ModelWords {
    /**
     * The metadata of a model.
     *
     * @param data that it is trained on
     */
    Map<String, String> of(Network network, TrainedOn data);
  }
}
