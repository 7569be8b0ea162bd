package org.backdraft.driver;

import java.util.List;
import org.backdraft.data.DataException;
import org.backdraft.data.DataSource;

/**
 * What a model file says of the data that the model was trained on, for its later use.
 *
 * @param normalize {@code data.normalize}, {@code standard} as numbers
 * @param classes their names, that of output 0 first; empty where they are not known, or the
 *     outputs are numbers
 */
public record TrainedOn(String normalize, List<String> classes) {
  public TrainedOn {
    classes = List.copyOf(classes);
  }

  /** Of a training set. */
  static TrainedOn of(DataSource training, String normalize) {
    boolean hasClasses = training.format().targets() == 0;
    return new TrainedOn(normalize, hasClasses ? training.classes() : List.of());
  }

  /**
   * Checks that a set's labels mean what the outputs of the model mean.
   *
   * @throws DataException if both have classes, and those of the set are not the first of the
   *     model's
   */
  void requireClassesOf(DataSource set) throws DataException {
    if (classes.isEmpty() || set.format().targets() > 0) {
      return;
    }
    List<String> known = classes.subList(0, Math.min(classes.size(), set.classes().size()));
    if (!known.equals(set.classes())) {
      throw new DataException(
          "The set must have the classes that the model was trained on, in their order, %s: %s has %s."
              .formatted(classes, set.uri(), set.classes()));
    }
  }
}
