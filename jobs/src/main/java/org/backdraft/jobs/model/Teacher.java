package org.backdraft.jobs.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.backdraft.driver.NetworkFactory;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.driver.failure.ConfigurationException;
import org.backdraft.nn.Network;
import org.backdraft.nn.TaughtNetwork;
import org.backdraft.tensor.WeightsDigest;

/**
 * A trained network that another one learns from: for the time of training both are one network, of
 * which the teacher's part stays as it is.
 */
public final class Teacher {
  private final TrainedModel model;
  private final TrainingConfig config;

  private Teacher(TrainedModel model, TrainingConfig config) {
    this.model = model;
    this.config = config;
  }

  /**
   * Reads the teacher of {@code distill.teacher}.
   *
   * @throws org.backdraft.checkpoint.ModelFileException if it is no model
   * @throws ConfigurationException if its inputs were normalized otherwise
   */
  public static Teacher of(TrainingConfig config) throws IOException {
    TrainedModel model = TrainedModel.read(Path.of(config.distill().teacher()));
    if (!model.data().normalize().equals(config.data().normalize())) {
      throw new ConfigurationException(
          "data.normalize must be that of the teacher %s: set data.normalize=%s, got %s."
              .formatted(
                  config.distill().teacher(), model.data().normalize(), config.data().normalize()));
    }
    return new Teacher(model, config);
  }

  /** A factory for students together with this teacher. */
  public NetworkFactory taught(NetworkFactory students) {
    return (input, classes) ->
        TaughtNetwork.of(
            students.create(input, classes), model.network(), config.distill().layer());
  }

  /**
   * What both start with.
   *
   * @param student where the student's weights come from; null to draw them from {@code train.seed}
   */
  public Weights start(Network taught, Weights.Source student) throws IOException {
    Network alone = TaughtNetwork.student(taught);
    Weights weights = student == null ? InitialWeights.drawn(alone, config) : student.of(alone);
    return new Weights(
        joined(weights.parameters(), model.weights().parameters()),
        joined(weights.buffers(), model.weights().buffers()));
  }

  private static float[] joined(float[] first, float[] second) {
    float[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** The report of the student alone. */
  public static TrainingReport withoutTeacher(TrainingReport report) {
    Network student = TaughtNetwork.student(report.network());
    Weights weights =
        new Weights(
            Arrays.copyOf(report.weights().parameters(), student.parameterTable().size()),
            Arrays.copyOf(report.weights().buffers(), student.bufferTable().size()));
    return report.of(
        student,
        weights,
        WeightsDigest.sha256(
            student.parameterTable(),
            weights.parameters(),
            student.bufferTable(),
            weights.buffers()));
  }
}
