package org.backdraft.jobs.train;

import java.io.IOException;
import java.util.Optional;
import org.backdraft.driver.Cluster;
import org.backdraft.driver.NetworkFactory;
import org.backdraft.driver.TrainingJob;
import org.backdraft.driver.TrainingListener;
import org.backdraft.driver.TrainingReport;
import org.backdraft.driver.Weights;
import org.backdraft.driver.config.TrainingConfig;
import org.backdraft.jobs.model.ModelLookup;
import org.backdraft.jobs.model.Teacher;

/**
 * The network that a configuration names, together with its teacher where it has one.
 *
 * @param factory of the network; of both
 */
record LearningNetwork(NetworkFactory factory, Optional<Teacher> teacher) {
  /** Reads what there is to read: a model file, a teacher. */
  static LearningNetwork of(TrainingConfig config) throws IOException {
    Optional<Teacher> teacher =
        config.distill().hasTeacher() ? Optional.of(Teacher.of(config)) : Optional.empty();
    NetworkFactory students = ModelLookup.factory(config.model());
    return new LearningNetwork(
        teacher.isPresent() ? teacher.get().taught(students) : students, teacher);
  }

  /**
   * A run that trains it.
   *
   * @param start weights of the network alone; empty to draw them from {@code train.seed}
   */
  TrainingJob job(
      TrainingConfig config,
      Cluster.Provider clusters,
      TrainingListener listener,
      Optional<Weights.Source> start) {
    TrainingJob job = new TrainingJob(config, factory, clusters, listener);
    if (teacher.isPresent()) {
      return job.startingWith(network -> teacher.get().start(network, start.orElse(null)));
    }
    return start.map(job::startingWith).orElse(job);
  }

  /** The report of the network alone. */
  TrainingReport alone(TrainingReport report) {
    return teacher.isPresent() ? Teacher.withoutTeacher(report) : report;
  }
}
